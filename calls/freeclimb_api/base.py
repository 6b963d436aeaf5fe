"""What all views of `/apiserver/` share."""

from abc import ABC, abstractmethod
from urllib.parse import urlencode

from django.utils.cache import patch_cache_control
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from calls.permissions import may_hear, sees_numbers
from calltrack.api.manners import Manners
from calltrack.problems import BadParameters

from . import cursors, errors, filters, paging
from .auth import BasicAuthentication, MayRead
from .resources import Make, Reader


class AlwaysJson(BaseContentNegotiation):
    """Whatever the client says it accepts, as FreeClimb."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class AsciiJson(JSONRenderer):
    """A webhook may hold half a surrogate pair, which no UTF-8 does: escaped it can be sent."""

    ensure_ascii = True


class FreeClimbView(Manners, APIView):
    """A view says which scope opens it. Each address has the account's id in it."""

    authentication_classes = [BasicAuthentication]
    permission_classes = [MayRead]
    renderer_classes = [AsciiJson]
    content_negotiation_class = AlwaysJson
    http_method_names = ["get", "head"]
    schema = None  # described by FreeClimb, not in /api/schema/
    throttle_bucket = "read"
    scope = "calls:read"

    @property
    def reader(self) -> Reader:
        request = self.request
        return Reader(request.user.account, sees_numbers(request), may_hear(request))

    def get_exception_handler(self):
        return errors.exception_handler

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True)  # nobody's proxy keeps telephone numbers
        return response


class ListView(FreeClimbView, ABC):
    """A list under the name that FreeClimb gives it, with its filters."""

    name: str
    parameters: dict[str, filters.Filter]
    make: Make

    @abstractmethod
    def listed(self, reader: Reader) -> paging.Listed:
        """The rows before the filters. Raises NotThere where what they hang on is not there."""

    def gather(self, rows: list) -> None:
        """Read what the rows need besides."""

    def get(self, request, **names):
        reader = self.reader
        uri = reader.uri(*self.under(**names))
        given, at = self.given(request.query_params, uri)
        search = filters.search(given, self.parameters, reader)
        page = paging.page(self.listed(reader), search, at)
        self.gather(page.rows)

        def next_uri(position):
            return f"{uri}?{urlencode({'cursor': cursors.write(uri, given, position)})}"

        shown = [type(self).make(row, reader) for row in page.rows]
        return Response({**page.envelope(next_uri), self.name: shown})

    @abstractmethod
    def under(self, account_id: str, **names: str) -> list[str]:
        """The rest of the list's own path."""

    def given(self, query, uri: str):
        """The filters, and where to begin. With a cursor the filters are its own."""
        given = filters.read(query, self.parameters)
        text = query.get(filters.CURSOR, "")
        if not text:
            return given, cursors.Position()
        try:
            of_cursor, at = cursors.read(uri, text)
        except cursors.NotACursor:
            raise BadParameters({"cursor": ["Not a cursor of this list."]}) from None
        if given not in ({}, of_cursor):
            raise BadParameters({"cursor": ["It belongs to other filters."]})
        return of_cursor, at
