"""What the desk's filter offers to choose from, in one query."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.functional import cached_property

from calls.models import Account, Agent, Disposition, ServiceNumber, Tag

MOST = 300  # of a kind; further ones are reached by a link or by the search


@dataclass(frozen=True, slots=True)
class Offer:
    kind: str
    id: UUID
    name: str
    number: str = ""
    source: str = ""
    account: UUID | None = None

    def words(self, viewer) -> str:
        return viewer.text(self.name) or viewer.number(self.number) or "unnamed"


_NOTHING = Value("")
_KNOWN_AS = Coalesce(NullIf(F("name"), _NOTHING), F("heard_name"))
# Kind → its model and columns: name, number, source, account (any id where it has none).
_KINDS = {
    "account": (Account, [F("name"), _NOTHING, _NOTHING, F("id")]),
    "service_number": (ServiceNumber, [F("label"), F("number"), F("source"), F("account_id")]),
    "agent": (Agent, [_KNOWN_AS, F("number"), _NOTHING, F("account_id")]),
    "tag": (Tag, [F("name"), _NOTHING, _NOTHING, F("id")]),
    "disposition": (Disposition, [F("name"), _NOTHING, _NOTHING, F("id")]),
}


def _rows(kind: str):
    model, columns = _KINDS[kind]
    return model.objects.order_by().values_list(Value(kind), "id", *columns)


class Offered:
    """The accounts, service numbers, agents, tags and dispositions that there are."""

    @cached_property
    def _all(self) -> dict[str, dict[UUID, Offer]]:
        parts = []
        for kind, (model, _) in _KINDS.items():
            first = model.objects.order_by(*_first(kind)).values("pk")[:MOST]
            parts.append(_rows(kind).filter(pk__in=first))
        found = {kind: {} for kind in _KINDS}
        for row in sorted(parts[0].union(*parts[1:], all=True), key=lambda row: row[2].lower()):
            found[row[0]][row[1]] = Offer(*row)
        return found

    def of(self, kind: str) -> list[Offer]:
        """Those with a name first."""
        return sorted(self._all[kind].values(), key=lambda offer: not offer.name)

    def get(self, kind: str, key: UUID) -> Offer | None:
        if offer := self._all[kind].get(key):
            return offer
        row = _rows(kind).filter(pk=key).first()
        return Offer(*row) if row else None

    def sources(self) -> list[str]:
        return sorted({offer.source for offer in self._all["service_number"].values()} - {""})

    def of_number(self, number: str) -> list[Offer]:
        """Who of ours has this number too."""
        ours = [*self._all["service_number"].values(), *self._all["agent"].values()]
        return [offer for offer in ours if offer.number == number]


def _first(kind: str) -> list:
    """Those with a name before those without."""
    columns = {"service_number": ["label"], "agent": ["name", "heard_name"]}.get(kind, [])
    return [*(F(column).desc() for column in columns), "pk"]
