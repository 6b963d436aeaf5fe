"""Which fields of an object are shown, and what hangs on it: `fields=` and `expand=`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet
from rest_framework.exceptions import PermissionDenied

from calls.permissions import allows
from calls.serializers import Expansion


@dataclass(frozen=True, slots=True)
class Shape:
    """`wanted` is None where nobody chose fields: all of them then."""

    parameters: tuple[str, ...] = ()
    wanted: frozenset[str] | None = None
    expanded: tuple[str, ...] = ()
    expansions: Mapping[str, Expansion] = field(default_factory=dict)
    faults: Mapping[str, list[str]] = field(default_factory=dict)

    def shows(self, name: str) -> bool:
        if name in self.expansions:
            return name in self.expanded
        return self.wanted is None or name in self.wanted

    def load(self, rows: Sequence) -> None:
        """What hangs on these rows, in a fixed number of queries."""
        if rows:
            for name in self.expanded:
                self.expansions[name].load(rows)


def shape_of(view) -> Shape:
    """What a request to a view asks for; faults are told, not raised."""
    if view.action not in ("list", "retrieve"):
        return Shape()
    expansions = view.expansions
    parameters = ("fields", "expand") if expansions else ("fields",)
    in_full = view.detail or view.expands_lists
    usual = tuple(name for name, one in expansions.items() if in_full and one.usual)
    if view.request is None:
        return Shape(parameters, None, usual, expansions)
    asked, faults = view.request.query_params, {}
    wanted = _names(asked.get("fields", ""))
    expanded = _names(asked.get("expand", "")) if expansions else []
    known = view.get_serializer_class()().fields if wanted else ()
    if unknown := [name for name in wanted if name not in known]:
        faults["fields"] = [f"There is no field {', '.join(unknown)}."]
    if unknown := [name for name in expanded if name not in expansions]:
        faults["expand"] = [
            f"There is no {', '.join(unknown)}. Known are {', '.join(sorted(expansions))}."
        ]
    if faults:
        return Shape(parameters, None, (), expansions, faults)
    if wanted:  # a field that hangs on it is expanded by being chosen
        usual = tuple(name for name in expansions if name in wanted)
    expanded = tuple(dict.fromkeys([*usual, *expanded]))
    for name in expanded:
        scope = expansions[name].scope
        if scope and not allows(view.request, scope):
            raise PermissionDenied(f"This needs the scope {scope}.")
    return Shape(parameters, frozenset(wanted) or None, expanded, expansions)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def narrowed(queryset: QuerySet, view) -> QuerySet:
    """Reading only the columns and relations that are shown, where fields were chosen."""
    wanted = view.shape.wanted
    if wanted is None:
        return queryset
    serializer = view.get_serializer_class()
    columns, elsewhere = {view.newest_by}, getattr(serializer.Meta, "columns", {})
    fields = serializer().fields
    for name in wanted - view.expansions.keys():
        columns |= {*elsewhere.get(name, fields[name].source_attrs[:1])}
    known = {field.name for field in queryset.model._meta.concrete_fields}
    if not columns <= known:  # computed from who knows what
        return queryset
    joined = [name for name in view.joined if name.partition("__")[0] in columns]
    links = [Prefetch(name, rows) for name, rows in view.gathered.items() if name in columns]
    queryset = queryset.select_related(None).prefetch_related(None)
    queryset = queryset.select_related(*joined) if joined else queryset
    return queryset.prefetch_related(*links).only("pk", *columns)
