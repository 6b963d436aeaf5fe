"""Long lists in pages by key, for pages of ours and for Django's change lists; and how many rows
there are, as far as that can be told without counting a big table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import DataError, connections
from django.db.models import QuerySet

from calls.keyset import Keyset, NotACursor, Walk
from calltrack.admin.base import SturdyChangeList

CURSOR = "cursor"  # its name in the URL
CAP = 10_000


@dataclass(frozen=True, slots=True)
class CappedCount:
    number: int
    capped: bool

    def __str__(self):
        return f"{self.number:,}+" if self.capped else f"{self.number:,}"


def capped_count(queryset: QuerySet, cap: int | None = None) -> CappedCount:
    """Counts no further than people turn pages. The order stays in the statement, if the caller
    leaves one: without it a planner prefers reading the table from its beginning to an index."""
    cap = CAP if cap is None else cap
    number = queryset.values("pk")[: cap + 1].count()
    return CappedCount(min(number, cap), number > cap)


def capped_counts(querysets: Sequence[QuerySet], cap: int = CAP) -> list[CappedCount]:
    """The same of several, in one query."""
    if not querysets:
        return []
    using = querysets[0].db
    compilers = [rows.values("pk")[: cap + 1].query.get_compiler(using) for rows in querysets]
    statements, parameters = zip(*(compiler.as_sql() for compiler in compilers), strict=True)
    counts = ", ".join(
        f"(SELECT COUNT(*) FROM ({one}) AS counted)"  # noqa: S608 – Django's own statements
        for one in statements
    )
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {counts}", list(chain.from_iterable(parameters)))
        numbers = cursor.fetchone()
    return [CappedCount(min(number, cap), number > cap) for number in numbers]


class Pager:
    """One page of a list that is ordered by (time, id), newest first. `desk/_pager.html` draws its
    links. A cursor that is none of ours shows the first page; `faulty` says so."""

    def __init__(
        self,
        request,
        queryset: QuerySet,
        *,
        time: str,
        size: int = 50,
        walk: Walk | None = None,
        ways: Sequence[QuerySet] = (),
    ):
        keyset, cursor = Keyset(queryset.model, time), request.GET.get(CURSOR, "")
        self.keyset, self.walk, self.faulty = keyset, walk, False
        try:
            page = keyset.page(queryset, cursor, size, walk, ways)
        except NotACursor:
            page, cursor, self.faulty = keyset.page(queryset, "", size, walk, ways), "", True
        self.rows = page.rows
        self.newer_url = _with_cursor(request, page.newer)
        self.older_url = _with_cursor(request, page.older)
        # The way home, also from a page whose rows are gone by now.
        self.newest_url = _query(request) if cursor else ""
        self.is_whole = not (cursor or page.older)  # the page is the list

    def count(self, queryset: QuerySet, walk: Walk | None = None) -> CappedCount:
        """As far as the walk goes or a page looks, at most."""
        walk = walk or self.walk
        if self.is_whole:
            return CappedCount(len(self.rows), False)
        if walk is None:
            return capped_count(queryset)
        looked_at, more = self.keyset.within(queryset, walk)
        count = capped_count(looked_at)
        return CappedCount(count.number, count.capped or more)


def _with_cursor(request, cursor: str) -> str:
    return _query(request, cursor) if cursor else ""


def _query(request, cursor: str = "") -> str:
    parameters = request.GET.copy()
    parameters.pop(CURSOR, None)
    if cursor:
        parameters[CURSOR] = cursor
    return f"?{parameters.urlencode()}"


class KeysetChangeList(SturdyChangeList):
    """Django's change list in pages by key; the admin's `newest_by` names the time."""

    def get_filters_params(self, params=None):
        kept = super().get_filters_params(params)
        kept.pop(CURSOR, None)
        return kept

    def get_query_string(self, new_params=None, remove=None):
        """Another filter begins at its first page."""
        return super().get_query_string(new_params, [*(remove or ()), CURSOR])

    def get_results(self, request):
        try:
            self.pager = Pager(
                request, self.queryset, time=self.model_admin.newest_by, size=self.list_per_page
            )
            self.count = self.pager.count(self.queryset)
        except (DataError, OverflowError) as error:  # a NUL; a time before the calendar begins
            raise IncorrectLookupParameters(error) from error
        self.result_list = self.pager.rows
        self.result_count = self.count.number
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = bool(self.result_list)
        # All that match are on this page, or more than can be chosen one by one.
        self.can_show_all, self.multi_page = False, not self.pager.is_whole


class KeysetMixin:
    """For an admin class of a long table, before its base: pages by key instead of by number."""

    newest_by = "created_at"
    change_list_template = "desk/keyset_change_list.html"
    sortable_by = ()

    def get_changelist(self, request, **kwargs):
        return KeysetChangeList
