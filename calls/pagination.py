"""The API's pages by key."""

from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from calls.keyset import Keyset, NotACursor
from calltrack.problems import BadParameters


class NewestFirst(BasePagination):
    """Keyset pages on (time, id), both descending; the view's `newest_by` names the time. The id
    decides among equal times, which DRF's own cursor pagination skips."""

    parameters = ("cursor", "page_size")
    default_page_size = 100
    max_page_size = 1_000

    def paginate_queryset(self, queryset, request, view=None):
        size = self._page_size(request)
        keyset = Keyset(view.queryset.model, view.newest_by)
        try:
            page = keyset.page(queryset, request.query_params.get("cursor", ""), size)
        except NotACursor:
            raise BadParameters({"cursor": ["Not a cursor of this list."]}) from None
        url = remove_query_param(request.build_absolute_uri(), "cursor")
        self.next, self.previous = self._link(url, page.older), self._link(url, page.newer)
        return page.rows

    def _link(self, url: str, cursor: str) -> str | None:
        return replace_query_param(url, "cursor", cursor) if cursor else None

    def _page_size(self, request) -> int:
        text = request.query_params.get("page_size") or str(self.default_page_size)
        if text.isascii() and text.isdigit() and len(text) < 9:
            size = int(text)
            if 1 <= size <= self.max_page_size:
                return size
        raise BadParameters({"page_size": [f"A whole number from 1 to {self.max_page_size}."]})

    def get_paginated_response(self, data):
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema):
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view):
        size = {
            "type": "integer",
            "minimum": 1,
            "maximum": self.max_page_size,
            "default": self.default_page_size,
        }
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "required": False, "schema": size},
        ]
