"""Which calls an address asks for. The list, its export and the way from call to call share it."""

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property

from calls.desk.paging import CURSOR
from calls.filtersets.desk import DeskCallFilterSet
from calls.filtersets.offered import Offered
from calls.keyset import Walk
from calls.models import Call
from calls.search import SHORTEST_END, Found, digits_of, find
from calls.viewer import Viewer

from .chips import Chip, chips

SEARCH = "q"
_OURS = frozenset({SEARCH, CURSOR, "format"})  # the export's, so that its address can be the list's
# A call dialled by another, or taken into a conference, is shown where these ask for it.
_OF_ANY_CALL = frozenset({"parent", "conference", "provider_call_id"})

FAULTY = "The filter holds something that cannot be understood. It is marked below."


class Filtered:
    """The calls that the parameters of an address ask for, and how to say it in words."""

    def __init__(self, params: QueryDict, viewer: Viewer):
        self.params = params
        self.viewer = viewer
        self.offered = Offered()
        self.filterset = DeskCallFilterSet(params, Call.objects.all(), self.offered)
        self.form = self.filterset.form

    @cached_property
    def found(self) -> Found:
        return find(self.params.get(SEARCH, ""), self.viewer)

    @cached_property
    def search_text(self) -> str:
        """What pages repeat of the text that was searched for: no number to those who see none,
        but for four digits."""
        text = self.params.get(SEARCH, "").strip()
        digits = digits_of(text)
        if self.viewer.sees_numbers or digits is None or len(digits) <= SHORTEST_END:
            return self.viewer.text(text)
        return ""

    @cached_property
    def is_faulty(self) -> bool:
        return not self.filterset.is_valid()

    @cached_property
    def needs_period(self) -> bool:
        """Would the filter have to read through a big table?"""
        return self.found.restriction is None and self.filterset.needs_period

    @cached_property
    def problem(self) -> str:
        """Why no call is shown though some may match."""
        return FAULTY if self.is_faulty else self.found.problem

    @cached_property
    def queryset(self) -> QuerySet:
        """Newest first; none while something stands in the way."""
        if self.problem or self.needs_period:
            return Call.objects.none()
        calls = self._unsearched
        if self.found.restriction is not None:
            calls = calls.filter(self.found.restriction)
        return calls.select_related("account").defer("claims").order_by("-begun_at", "-id")

    @property
    def _unsearched(self) -> QuerySet:
        calls = self.filterset.qs
        return calls.filter(is_root=True) if self._of_conversations else calls

    @cached_property
    def ways(self) -> list[QuerySet]:
        """The same calls in parts, where a search found several numbers of ours, or last digits."""
        if self.problem or self.needs_period:
            return []
        return [self._unsearched.filter(way) for way in self.found.ways]

    @property
    def _of_conversations(self) -> bool:
        return not (self.found.of_any_call or _OF_ANY_CALL & self.filterset.in_force.keys())

    @cached_property
    def walk(self) -> Walk | None:
        """How far a page looks for what matches rarely; what was searched for leaves few calls."""
        if self.problem or self.needs_period or self.found.restriction is not None:
            return None
        return self.filterset.walk(among=Q(is_root=True) if self._of_conversations else None)

    @property
    def to_count(self) -> QuerySet:
        """The same calls, to be counted. Those of several numbers lie in as many places of one
        index, which is read without the table, but not in the order of the list."""
        some = self.filterset.in_force.keys() if not self.is_faulty else ()
        several = "source" in some or bool(self.found.ways)
        return self.queryset.order_by() if several else self.queryset

    @cached_property
    def chips(self) -> list[Chip]:
        return chips(self)

    @property
    def words(self) -> list[str]:
        return [f"{chip.label}: {chip.words}" if chip.label else chip.words for chip in self.chips]

    @property
    def unknown(self) -> list[str]:
        """Parameters that nobody reads."""
        return [name for name in self.params if name not in self.filterset.filters.keys() | _OURS]

    def query(self, without=(), **changed) -> str:
        """The filter as a query string, some of it changed, from the first page on."""
        params = self.params.copy()
        for name in (CURSOR, *without, *self.unknown):
            params.pop(name, None)
        if SEARCH in params:
            params[SEARCH] = self.search_text
        for name, value in changed.items():
            params.setlist(name, value if isinstance(value, list) else [value])
        for name in [name for name in params if not any(params.getlist(name))]:
            del params[name]  # what a form sends for a field left empty
        return params.urlencode()


def filtered_calls(request) -> tuple[QuerySet, object, list[str]]:
    """What the list shows for this address, all pages of it: the calls, newest first, the form with
    its errors, and the filter in words."""
    filtered = Filtered(request.GET, request.viewer)
    return filtered.queryset, filtered.form, filtered.words
