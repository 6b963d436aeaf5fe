"""`/api/v1/changes/`: every change, for those who keep a copy."""

import time

from django.db import connection
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from calls.authentication import ApiKeyAuthentication, PersonAuthentication
from calls.feed import cursors, positions, reading
from calls.feed.asked import Asked, asked_for
from calls.feed.cursors import Cursor
from calls.feed.described import OPERATION
from calls.feed.kinds import KINDS
from calls.feed.waiting import watch
from calls.permissions import HasScope, allows, may_hear, sees_numbers, who
from calltrack.api.manners import Manners


class Gone(APIException):
    status_code = 410
    default_detail = (
        "Changes beyond this cursor are no longer kept. Begin again without `after`: everything "
        "is sent once more."
    )
    default_code = "gone"


class ChangesView(Manners, APIView):
    """Everything, and then every change of it: what it takes to keep a copy.

    Without `after` it begins by sending all objects as they are; then it goes on with what has
    changed since. Keep `cursor` with what you have stored and send it as `after`; go on at once
    while `more` is true. An object comes as it is when it is sent, in the shape of its list, as
    often as it changes and at least once for the last change: store it over what you have under
    its id. `erase` means that it no longer exists. Nothing is left out, however late a change is
    committed. Notes, tags and dispositions count as changes of their call; the new name of a tag,
    a disposition or an account is seen when the call is sent next.
    """

    authentication_classes = [ApiKeyAuthentication, PersonAuthentication]
    permission_classes = [HasScope]
    scope = "calls:read"
    write_scope = "calls:read"  # there is nothing to write
    throttle_bucket = "changes"

    @extend_schema(**OPERATION)
    def get(self, request) -> Response:
        asked = asked_for(request)
        cursor = self._cursor(asked)
        try:
            page = self._page(cursor, asked)
        except reading.Forgotten:
            raise Gone from None
        context = {"may_hear": may_hear(request), "sees_numbers": sees_numbers(request)}
        return Response(
            {
                "changes": reading.shapes(page.changes, context),
                "cursor": page.cursor.sign(),
                "more": page.more,
            }
        )

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def _cursor(self, asked: Asked) -> Cursor:
        """Raises PermissionDenied: a copy from which some kind is silently left out is none."""
        named = asked.after.kinds if asked.after else asked.kinds
        for kind in named or ():
            if not allows(self.request, KINDS[kind].scope):
                raise PermissionDenied(f"The type {kind} needs the scope {KINDS[kind].scope}.")
        if asked.after:
            return asked.after
        open_to_them = [name for name, kind in KINDS.items() if allows(self.request, kind.scope)]
        kinds = cursors.in_order(named or open_to_them)
        if asked.from_now:
            positions.give_positions()
            return Cursor(kinds, positions.last())
        return cursors.from_the_beginning(kinds, positions.last())

    def _page(self, cursor: Cursor, asked: Asked) -> reading.Page:
        """The next page; an empty one only after `wait` seconds, or if too many wait already, in
        all or of those who ask."""
        until = time.monotonic() + asked.wait
        page = reading.page(cursor, asked.limit)
        holder = who(self.request)
        if page.changes or page.more or not asked.wait or not watch.take(holder):
            return page
        try:
            while not (page.changes or page.more):
                _give_back_connection()
                if not watch.wait(page.cursor.position, until):
                    break
                page = reading.page(page.cursor, asked.limit)
        finally:
            watch.leave(holder)
        return page


def _give_back_connection() -> None:
    """To the pool: who waits needs none. A connection without one stays the thread's."""
    if getattr(connection, "pool", None) and not connection.in_atomic_block:
        connection.close()
