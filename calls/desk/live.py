"""The board of calls that go on, polled every few seconds: as long as nothing changes, the answer
is 304 and costs two small queries."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import Count, Max, Prefetch, Sum
from django.http import HttpResponseNotModified
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import parse_etags

from calls.choices import Party, QueueState, Status
from calls.directory import Directory
from calls.models import Agent, Call, Leg
from calls.viewer import viewer_of

SHOWN = 100
COUNTED = 1000  # beyond it "1,000+"
RENDERED_ANYWAY = 60  # seconds: a name given in the directory arrives with the next rendering


def live_calls():
    """Conversations whose end was not reported, newest first."""
    return Call.objects.filter(is_over=False, is_root=True).order_by("-begun_at", "-id")


def lost_before() -> datetime:
    """Calls that began earlier than this and have no end are not believed to go on."""
    return timezone.now() - settings.NO_END_AFTER


def board(request, context):
    """The page; with `?part=board` only what is polled."""
    wall = "wall" in request.GET
    ids = list(live_calls().values_list("id", "revision", "begun_at")[: COUNTED + 1])
    etag = _etag(request, ids, wall)
    part = request.GET.get("part") == "board"
    if part and etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": etag})
    context |= _context([id for id, _, _ in ids[:SHOWN]], ids) | {"wall": wall, "etag": etag}
    template = "desk/_live_board.html" if part else "desk/live.html"
    return TemplateResponse(request, template, context, headers={"ETag": etag})


def _etag(request, ids, wall) -> str:
    """Changes with anything that the board shows, and with who looks at it."""
    legs = Leg.objects.filter(call__in=[id for id, _, _ in ids[:SHOWN]])
    lost = lost_before()
    viewer = viewer_of(request)
    told = [
        ids,
        legs.aggregate(Count("id"), Sum("revision"), Max("updated_at")),
        sum(begun_at < lost for _, _, begun_at in ids),
        [viewer.sees_numbers, viewer.zone.key, wall],
        timezone.now().timestamp() // RENDERED_ANYWAY,
    ]
    return f'"{sha256(json.dumps(told, default=str).encode()).hexdigest()[:32]}"'


@dataclass(slots=True)
class LegLine:
    leg: Leg
    agent: Agent | None
    name: str  # an agent's


@dataclass(slots=True)
class Line:
    """One call of the board."""

    call: Call
    lost: bool
    age: timedelta
    talking: timedelta | None
    agent_name: str
    label: str
    source: str
    legs: list[LegLine]

    @property
    def kind(self) -> str:
        """What colour it has; the word is always there too."""
        return "lost" if self.lost else self.call.status

    @property
    def waits_in_queue(self):
        return self.call.queue_state == QueueState.WAITING or self.call.status == Status.QUEUED


def _context(shown, ids) -> dict:
    now, lost = timezone.now(), lost_before()
    lines = _lines(shown, now, lost)
    alive = [line for line in lines if not line.lost]
    living = sum(begun_at >= lost for _, _, begun_at in ids)
    waiting = [line.call.begun_at for line in alive if line.call.status != Status.IN_PROGRESS]
    return {
        "now": now,
        "lines": lines,
        "living": living,
        "capped": len(ids) > COUNTED,
        "counted": COUNTED,
        "lost": len(ids) - living,
        "more": min(len(ids), COUNTED) - len(lines),
        "ringing": sum(line.call.status == Status.RINGING for line in alive),
        "talking": sum(line.call.status == Status.IN_PROGRESS for line in alive),
        "queued": sum(line.call.status == Status.QUEUED for line in alive),
        "longest_wait": min(waiting, default=None),
        "longest_wait_age": now - min(waiting) if waiting else None,
        "no_end_after": settings.NO_END_AFTER,
    }


def _lines(shown, now, lost) -> list[Line]:
    legs = Prefetch("legs", Leg.objects.defer("claims").order_by("side", "started_at", "id"))
    calls = list(
        live_calls()
        .filter(id__in=shown)
        .defer("claims")
        .select_related("account")
        .prefetch_related(legs)
    )
    numbers = [(call.account_id, leg.number) for call in calls for leg in call.legs.all()]
    directory = Directory(calls, numbers)
    return [_line(call, directory, now, lost) for call in calls]


def _line(call, directory, now, lost) -> Line:
    service = directory.service_number(call)
    talks = call.status == Status.IN_PROGRESS and call.answered_at
    legs = []
    for leg in call.legs.all():
        agent = None
        if leg.party != Party.CUSTOMER:
            agent = directory.agent(call.account_id, leg.number)
        name = (agent and agent.known_as) or (leg.name if leg.party == Party.AGENT else "")
        legs.append(LegLine(leg, agent, name))
    return Line(
        call=call,
        lost=call.begun_at < lost,
        age=now - call.begun_at,
        talking=now - call.answered_at if talks else None,
        agent_name=directory.agent_name(call),
        label=service.label if service else "",
        source=service.source if service else "",
        legs=legs,
    )
