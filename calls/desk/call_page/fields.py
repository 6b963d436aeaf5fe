"""Every column of a row with why it is so."""

from dataclasses import dataclass

from calls.desk import provenance
from calls.desk.provenance import Heard, Reason
from calls.desk.shown import said


@dataclass(slots=True)
class Shown:
    name: str
    label: str
    value: str
    reason: Reason
    heard: Heard | None  # the delivery that said it, if this person may see deliveries


def flat(names):
    for name in names:
        if isinstance(name, str):
            yield name
        else:
            yield from flat(name)


def groups(row, fieldsets, viewer, heard) -> list[tuple[str, list[Shown]]]:
    """The admin's fieldsets, with values and reasons."""
    why = provenance.reasons(row)
    deliveries = {one.pk: one for one in heard}
    return [
        (
            title or "What happened",
            [
                shown
                for name in flat(options["fields"])
                if (shown := _shown(row, name, viewer, why, deliveries))
            ],
        )
        for title, options in fieldsets
    ]


def _shown(row, name, viewer, why, deliveries):
    columns = {field.name: field for field in row._meta.concrete_fields}
    field = columns.get(name)
    if field is None or name == "claims":
        return None
    value = getattr(row, field.attname)
    if name == "account":
        value = str(row.account)
    reason = why.get(name) or Reason(provenance.NOT_SAID)
    return Shown(
        name,
        field.verbose_name[:1].upper() + field.verbose_name[1:],
        said(type(row), name, value, viewer),
        reason,
        deliveries.get(reason.delivery),
    )
