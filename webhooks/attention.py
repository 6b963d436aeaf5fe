"""Failed and unknown deliveries, grouped by what is wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime, now

from calls.choices import Provider

from . import again
from .deliveries import TESTED
from .matching import Matching, from_query, what_is_wrong
from .models import Delivery, State
from .stopped import stopped

LOOKED_AT = 10_000  # of each state, the newest; so the page costs the same whatever came
SINCE = timedelta(days=30)
MOST_GROUPS = 60
JUST_NOW = timedelta(minutes=1)  # what came since may be on its way

# Nothing to do about: said of deliveries that hold nothing that we keep.
HARMLESS = frozenset(
    {TESTED, "ping: no CallSid", "It is about a text message.", "It says nothing that we keep."}
)
_ORDER = [State.FAILED, State.RECEIVED, State.IGNORED, State.PROCESSED]
_SAYING = {
    State.FAILED: ("badge--bad", "Failed"),
    State.RECEIVED: ("badge--bad", "Never processed"),
    State.IGNORED: ("badge--warn", "Ignored"),
    State.PROCESSED: ("badge--warn", "Processed, with something unknown"),
}


@dataclass(slots=True)
class Group:
    """Deliveries with the same thing wrong with them."""

    state: State
    provider: str
    kind: str
    wrong: str
    example: UUID  # the newest
    first: datetime
    last: datetime
    many: int = 0
    kind_shown: str = ""  # as the viewer may see it

    @property
    def badge(self) -> str:
        return _SAYING[self.state][0]

    @property
    def state_words(self) -> str:
        return _SAYING[self.state][1]

    @property
    def provider_words(self) -> str:
        return Provider(self.provider).label

    def query(self) -> str:
        """What the inbox is asked for these with, over no more than what was looked at."""
        asked = {"state": self.state, "provider": self.provider, "kind": self.kind}
        if self.kind_shown and self.kind_shown != self.kind:  # no number stands in an address
            asked["kind"] = ""
        if self.wrong:
            asked["like"] = self.example
        first = localtime(self.first).replace(microsecond=0)
        last = localtime(self.last).replace(microsecond=0) + timedelta(seconds=1)
        asked |= {"from": first.isoformat(), "to": last.isoformat()}
        return urlencode({name: value for name, value in asked.items() if value})


def groups(at: datetime) -> tuple[list[Group], list[State]]:
    """The groups, what is worst and most first, and the states that have more deliveries than were
    looked at."""
    found: dict[tuple, Group] = {}
    more = []
    for state in _ORDER:
        newest = _newest(state, at)
        if newest[LOOKED_AT : LOOKED_AT + 1].exists():
            more.append(state)
        _gather(found, state, _odd(state, newest))
    order = {state: place for place, state in enumerate(_ORDER)}
    return sorted(found.values(), key=lambda one: (order[one.state], -one.many)), more


def _newest(state: State, at: datetime) -> QuerySet:
    """By the index delivery_by_state."""
    until = at - JUST_NOW if state == State.RECEIVED else at
    found = Delivery.objects.filter(state=state).since(at - SINCE).before(until)
    return found.order_by("-received_at", "-id")


def _odd(state: State, newest: QuerySet) -> Iterable[Delivery]:
    """Those of the newest that have something wrong. The bound comes before the condition, which
    takes a subquery that Django does not write: most have nothing wrong and stay where they are."""
    columns = newest.only("id", "provider", "kind", "reason", "received_at")[:LOOKED_AT]
    bounded, parameters = columns.query.sql_with_params()
    fine = () if state == State.RECEIVED else ("", *sorted(HARMLESS))
    condition = f"WHERE reason NOT IN ({', '.join(['%s'] * len(fine))})" if fine else ""
    return Delivery.objects.raw(
        f"SELECT * FROM ({bounded}) AS newest {condition} ORDER BY received_at DESC, id DESC",  # noqa: S608
        [*parameters, *fine],
    )


def _gather(found: dict[tuple, Group], state: State, rows: Iterable[Delivery]) -> None:
    known: dict[str, str] = {}  # thousands have the same reason
    for row in rows:
        wrong = known.get(row.reason)
        if wrong is None:
            wrong = known[row.reason] = what_is_wrong(row.reason)
        name, at = (state, row.provider, row.kind, wrong), row.received_at
        if name not in found:  # the newest comes first
            found[name] = Group(state, row.provider, row.kind, wrong, row.pk, at, at)
        found[name].first = at
        found[name].many += 1


def needs_attention(request, context):
    if request.method == "POST":
        return _again(request)
    there, more = groups(now())
    for group in there[:MOST_GROUPS]:
        group.wrong = request.viewer.text(group.wrong)
        group.kind_shown = request.viewer.text(group.kind)
    context |= {
        "groups": there[:MOST_GROUPS],
        "left_out": len(there) - min(len(there), MOST_GROUPS),
        "deliveries": sum(group.many for group in there),
        "more": [state.label.lower() for state in more],
        "looked_at": LOOKED_AT,
        "days": SINCE.days,
        "stopped": stopped(request),
        "may_process": request.user.has_perm("webhooks.process_delivery_again"),
    }
    return TemplateResponse(request, "desk/needs_attention.html", context)


def _again(request):
    """One group, as a job. What it is stands in the address that its button posts to."""
    if not request.user.has_perm("webhooks.process_delivery_again"):
        raise PermissionDenied
    asked, wrong = from_query(request.GET)
    if not wrong and asked != Matching() and not asked.too_wide:
        again.start(request, asked)
    return HttpResponseRedirect(reverse("admin:needs_attention"))
