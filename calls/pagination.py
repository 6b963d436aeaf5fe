"""The API's pages by key."""

from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from calls.filtersets import RuledFilterSet
from calls.keyset import Keyset, NotACursor
from calls.sizes import estimated_matches, is_big
from calltrack.problems import BadParameters

COUNTS = ("estimate", "exact")
_NO_CURSOR = "Not a cursor of this list, or the row that it stood at has gone."


class NewestFirst(BasePagination):
    """Keyset pages on (time, id), both descending; the view's `newest_by` names the time. The id
    decides among equal times, which DRF's own cursor pagination skips."""

    parameters = ("cursor", "page_size", "count")
    default_page_size = 100
    max_page_size = 1_000

    def faults(self, request, view, filterset) -> dict[str, list[str]]:
        """Parameter → what is wrong with it. `filterset` is None where its own are faulty."""
        faults = {}
        if self._page_size(request) is None:
            faults["page_size"] = [f"A whole number from 1 to {self.max_page_size}."]
        try:
            self._keyset(view).read(request.query_params.get("cursor", ""))
        except NotACursor:
            faults["cursor"] = [_NO_CURSOR]
        count = request.query_params.get("count", "")
        if count and count not in COUNTS:
            faults["count"] = [f"One of {', '.join(COUNTS)}."]
        elif count == "exact" and filterset is not None and self._is_too_long(filterset):
            faults["count"] = [
                "This list is too long to be counted. Ask for count=estimate, or for a period of "
                "at most 31 days."
            ]
        return faults

    def _is_too_long(self, filterset) -> bool:
        ruled = isinstance(filterset, RuledFilterSet)
        small = ruled and (filterset.is_narrow or filterset.is_short)
        return not small and is_big(filterset.queryset.model)

    def _keyset(self, view) -> Keyset:
        return Keyset(view.queryset.model, view.newest_by, ascending=view.ascending)

    def paginate_queryset(self, queryset, request, view=None):
        """The parameters have no faults, and the view knows how far a page may look."""
        asked = request.query_params
        try:
            page = self._keyset(view).page(
                queryset, asked.get("cursor", ""), self._page_size(request), view.walk
            )
        except NotACursor:  # its row went between two looks
            raise BadParameters({"cursor": [_NO_CURSOR]}) from None
        self.count = self._count(queryset, asked.get("count", ""))
        url = remove_query_param(request.build_absolute_uri(), "cursor")
        self.next, self.previous = self._link(url, page.older), self._link(url, page.newer)
        return page.rows

    def _count(self, queryset, kind: str) -> int | None:
        if not kind:
            return None
        rows = queryset.order_by()
        return rows.count() if kind == "exact" else estimated_matches(rows)

    def _link(self, url: str, cursor: str) -> str | None:
        return replace_query_param(url, "cursor", cursor) if cursor else None

    def _page_size(self, request) -> int | None:
        text = request.query_params.get("page_size") or str(self.default_page_size)
        if text.isascii() and text.isdigit() and len(text) < 9:
            size = int(text)
            if 1 <= size <= self.max_page_size:
                return size
        return None

    def get_paginated_response(self, data):
        page = {"next": self.next, "previous": self.previous, "results": data}
        return Response(page if self.count is None else {"count": self.count, **page})

    def get_paginated_response_schema(self, schema):
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {
                    "type": "integer",
                    "description": "Only where it was asked for.",
                    "example": 1234,
                },
                "next": link
                | {
                    "description": "The page of older rows; null after the last one. A page may "
                    "hold fewer rows than page_size, even none, while this leads on.",
                    "example": "https://calls.example.com/api/v1/calls?cursor=WzAsMTc5…",
                },
                "previous": link
                | {"description": "The page of newer rows; null on the first.", "example": None},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view):
        size = {
            "type": "integer",
            "minimum": 1,
            "maximum": self.max_page_size,
            "default": self.default_page_size,
        }
        cursor = "Where the page begins: given out by `next` and `previous`, for this list only."
        count = (
            "Adds `count`, how many rows match: as the database guesses (on SQLite counted up to "
            "10,000), or exactly. Long lists are counted exactly within 31 days only."
        )
        parameters = (
            ("cursor", {"type": "string"}, cursor),
            ("page_size", size, "Rows per page."),
            ("count", {"type": "string", "enum": list(COUNTS)}, count),
        )
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": told}
            for name, schema, told in parameters
        ]
