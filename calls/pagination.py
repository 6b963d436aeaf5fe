"""Pages by key: page 1,000 costs what page 1 does, and new rows shift nothing."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from calls.facts import EPOCH, micros


class Cursor(NamedTuple):
    """The row at the edge of a page; the page asked for lies beyond it."""

    newer: bool  # towards newer rows
    time: datetime
    id: UUID


class NewestFirst(BasePagination):
    """Keyset pages on (time, id), both descending; the view's `newest_by` names the time. The id
    decides among equal times, which DRF's own cursor pagination skips."""

    parameters = ("cursor", "page_size")
    default_page_size = 100
    max_page_size = 1_000

    def paginate_queryset(self, queryset, request, view=None):
        size = self._page_size(request)
        self.time = view.newest_by
        self.signer = Signer(salt=f"cursor:{view.queryset.model._meta.label}")
        cursor = self._read_cursor(request)
        newer = cursor is not None and cursor.newer
        if cursor:
            queryset = queryset.filter(self._beyond(cursor))
        order = [self.time, "id"] if newer else [f"-{self.time}", "-id"]
        rows = list(queryset.order_by(*order)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if newer:
            rows.reverse()
        self.next = self.previous = None
        if rows:
            # Where we came from there is something; where we are heading only if `more`.
            url = remove_query_param(request.build_absolute_uri(), "cursor")
            if newer or more:
                self.next = self._link(url, rows[-1], newer=False)
            if more if newer else cursor is not None:
                self.previous = self._link(url, rows[0], newer=True)
        return rows

    def _page_size(self, request) -> int:
        text = request.query_params.get("page_size") or str(self.default_page_size)
        if text.isascii() and text.isdigit() and len(text) < 9:
            size = int(text)
            if 1 <= size <= self.max_page_size:
                return size
        raise ValidationError({"page_size": [f"A whole number from 1 to {self.max_page_size}."]})

    def _beyond(self, cursor: Cursor) -> Q:
        # The first condition is what an index can be entered by, the second cuts equal times.
        side, inclusive = ("gt", "gte") if cursor.newer else ("lt", "lte")
        return Q((f"{self.time}__{inclusive}", cursor.time)) & (
            Q((f"{self.time}__{side}", cursor.time)) | Q((f"id__{side}", cursor.id))
        )

    def _link(self, url: str, row, *, newer: bool) -> str:
        edge = [int(newer), micros(getattr(row, self.time)), row.pk.hex]
        return replace_query_param(url, "cursor", self.signer.sign_object(edge))

    def _read_cursor(self, request) -> Cursor | None:
        text = request.query_params.get("cursor")
        if not text:
            return None
        try:
            newer, time, key = self.signer.unsign_object(text)
        except (BadSignature, ValueError):
            raise ValidationError({"cursor": ["Not a cursor of this list."]}) from None
        return Cursor(bool(newer), EPOCH + timedelta(microseconds=time), UUID(hex=key))

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
