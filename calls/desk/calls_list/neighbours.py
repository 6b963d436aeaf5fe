"""From a call's page back to the list one came from, and on to the next call in it."""

from uuid import UUID

from django.http import QueryDict

from calls.keyset import Keyset
from calls.models import Call

from .filtered import Filtered

MARK = "from"  # in a call page's address: the list's query string
_LONGEST = 4_000


def list_behind(request) -> str | None:
    """The query string of the list that led to this page; None if none did."""
    marked = request.GET.get(MARK)
    return marked if marked is not None and len(marked) <= _LONGEST else None


def neighbours(request, call: Call) -> tuple[UUID | None, UUID | None]:
    """The ids of the calls before (newer) and after (older) this one in the list behind it."""
    marked = list_behind(request)
    if marked is None:
        return None, None
    filtered, keyset = Filtered(QueryDict(marked), request.viewer), Keyset(Call, "begun_at")
    how = {"walk": filtered.walk, "ways": filtered.ways}
    return (
        keyset.neighbour(filtered.queryset, call, newer=True, **how),
        keyset.neighbour(filtered.queryset, call, newer=False, **how),
    )
