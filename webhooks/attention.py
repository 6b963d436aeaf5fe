"""Failed and unknown deliveries, grouped by what is wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime, now

from calls.choices import Provider

from . import again
from .deliveries import TESTED
from .matching import Matching, from_query, what_is_wrong
from .models import Delivery, State
from .models.deliveries import Deliveries
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
    many: int
    kind_shown: str = ""  # as the viewer may see it

    def add(self, other: "Group") -> None:
        if other.last > self.last:
            self.example, self.last = other.example, other.last
        self.first = min(self.first, other.first)
        self.many += other.many

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
        edge = newest.values_list("received_at", flat=True)[LOOKED_AT - 1 : LOOKED_AT + 1]
        if len(edge) > 1:
            more.append(state)
            newest = newest.filter(received_at__gte=edge[0])
        _gather(found, state, _odd(state, newest))
    order = {state: place for place, state in enumerate(_ORDER)}
    return sorted(found.values(), key=lambda one: (order[one.state], -one.many)), more


def _newest(state: State, at: datetime) -> Deliveries:
    """By the index delivery_by_state."""
    until = at - JUST_NOW if state == State.RECEIVED else at
    found = Delivery.objects.filter(state=state).since(at - SINCE).before(until)
    return found.order_by("-received_at", "-id")


def _odd(state: State, newest: Deliveries) -> Iterable[tuple]:
    """Those that have something wrong, counted by reason where they lie: thousands have the same,
    and read one by one they took half of the page's time."""
    if state != State.RECEIVED:
        newest = newest.exclude(reason__in=["", *HARMLESS])
    # Neither database has a way of its own to ask for the row of a maximum that the other has too.
    newest_id = Max(Concat(_text("received_at"), Value(" ", TextField()), _text("id")))
    alike = newest.order_by().values_list("provider", "kind", "reason")
    return alike.annotate(Count("id"), Min("received_at"), Max("received_at"), newest_id=newest_id)


def _text(column: str) -> Cast:
    return Cast(column, TextField())


def _gather(found: dict[tuple, Group], state: State, parts: Iterable[tuple]) -> None:
    for provider, kind, reason, many, first, last, newest_id in parts:
        wrong = what_is_wrong(reason)
        group = Group(
            state, provider, kind, wrong, UUID(newest_id.rpartition(" ")[2]), first, last, many
        )
        before = found.setdefault((state, provider, kind, wrong), group)
        if before is not group:
            before.add(group)


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
