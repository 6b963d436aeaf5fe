"""The API's lines: every list and its filters, the shapes that may be asked for, and objects."""

import random
from datetime import timedelta
from itertools import chain

from calls.choices import Direction, Provider, Status
from calls.filtersets.filters import OutcomeFilter
from calls.models import (
    Account,
    Agent,
    Call,
    Conference,
    Disposition,
    Leg,
    Participant,
    Recording,
    ServiceNumber,
    Tag,
)
from webhooks.models import Delivery, Endpoint, State

from .values import Line, calls, far_back, keys, most_common, take

API = "/api/v1/"
PER_PAGE = 100
LISTS = {
    "calls": (Call, "begun_at"),
    "legs": (Leg, "created_at"),
    "conferences": (Conference, "created_at"),
    "participants": (Participant, "created_at"),
    "recordings": (Recording, "created_at"),
    "deliveries": (Delivery, "received_at"),
}


def lines(times):
    random.seed(1)
    parts = {
        "API: lists": lists(times),
        "API: filters": chain(of_calls(times), of_others(times)),
        "API: within 31 days": chain(calls_within(times), others_within(times)),
        "API: objects and shapes": chain(shapes(times), objects(times)),
    }
    for group, part in parts.items():
        for name, asked in part:
            yield Line(group, name, asked)


def lists(times):
    for name, (model, time) in LISTS.items():
        address = f"{API}{name}"
        yield name, [(address, {})] * times
        keyset, edges = far_back(model.objects.all(), time, PER_PAGE, times)
        for told, newer in (("page 1,000 and on", False), ("back from page 1,000", True)):
            asked = [(address, {"cursor": keyset.sign(row, newer=newer)}) for row in edges]
            yield f"{name}: {told}", asked
    small = ("accounts", "service-numbers", "agents", "tags", "dispositions", "subscriptions")
    for name in small:
        yield name, [(f"{API}{name}", {})] * times
    yield "calls: 1,000 a page", [(f"{API}calls", {"page_size": 1_000})] * times


def of_calls(times):
    some = calls(times)
    yield "conferences: alias", [(f"{API}conferences", {"alias": "nobody's"})] * times
    of_conference = {
        "conference": "conference_id",
        "provider_conference_id": "conference__provider_conference_id",
    }
    for name, model in (("recordings", Recording), ("participants", Participant)):
        rows = model.objects.exclude(conference=None).order_by("-created_at", "-pk")
        for given, column in of_conference.items():
            values = take(rows.values_list(column, flat=True)[:times], times)
            if (name, given) != ("participants", "conference"):  # see above
                asked = [(f"{API}{name}", {given: str(value)}) for value in values]
                yield f"{name}: {given}", asked
    members = Participant.objects.order_by("-created_at", "-id")[:times]
    sources = {one for one in ServiceNumber.objects.values_list("source", flat=True) if one}
    agents, services = (
        list(model.objects.values_list("number", flat=True)) for model in (Agent, ServiceNumber)
    )
    common = take(most_common("customer_number", times), times)
    flags = {word for call in Call.objects.filter(flagged=True)[:50] for word in call.flags}
    for name, values in {
        "begun_at__gte": [call.begun_at.isoformat() for call in some],
        "begun_at__lt": [call.begun_at.isoformat() for call in some],
        "number": [call.customer_number for call in some],
        "number (ours)": agents + services,
        "number (oddly written)": [
            f"0{call.customer_number[3:8]}-{call.customer_number[8:]}" for call in some
        ],
        "number (last four)": [number[-4:] for number in common],
        "number (last six)": [number[-6:] for number in common],
        "customer_number (calls often)": common,
        "from_number": [call.from_number for call in some],
        "to_number": [call.to_number for call in some],
        "customer_number": [call.customer_number for call in some],
        "service_number": services,
        "service_number (id)": keys(ServiceNumber),
        "agent": agents,
        "agent (id)": keys(Agent),
        "source": sorted(sources),
        "account": keys(Account),
        "parent": [str(call.pk) for call in some],
        "is_root": ["true", "false"],
        "is_over": ["true", "false"],
        "live": ["true", "false"],
        "missed": ["true", "false"],
        "flagged": ["true", "false"],
        "flag": sorted(flags),
        "status": Status.values,
        "status__in": ["busy,no_answer", "failed,canceled", "queued,ringing"],
        "outcome": list(dict(OutcomeFilter.labels)),
        "conference": [str(member.conference_id) for member in members],
        "provider_call_id": [call.provider_call_id for call in some],
        "tag": list(Tag.objects.values_list("name", flat=True)),
        "disposition": list(Disposition.objects.values_list("name", flat=True)),
    }.items():
        given = name.partition(" ")[0]
        some_of = take(filter(None, values), times)
        yield f"calls: {name}", [(f"{API}calls", {given: value}) for value in some_of]


def of_others(times):
    some = calls(times)
    for name, (model, values) in {
        "legs": (Leg, {"call": "call_id", "connected_call": "connected_call_id"}),
        "recordings": (
            Recording,
            {"call": "call_id", "provider_recording_id": "provider_recording_id"},
        ),
        "participants": (
            Participant,
            {"conference": "conference_id", "call": "call_id"},
        ),
        "conferences": (
            Conference,
            {
                "provider_conference_id": "provider_conference_id",
                "account": "account_id",
                "status": "status",
            },
        ),
    }.items():
        rows = list(model.objects.defer("claims").order_by("-created_at", "-pk")[: times * 40 : 40])
        for given, column in values.items():
            values = [getattr(row, column) for row in rows]
            said = take(filter(None, values), times)
            yield f"{name}: {given}", [(f"{API}{name}", {given: str(value)}) for value in said]
    yield (
        "legs: provider_call_id",
        [(f"{API}legs", {"provider_call_id": c.provider_call_id}) for c in some],
    )
    yield (
        "recordings: provider_call_id",
        [(f"{API}recordings", {"provider_call_id": c.provider_call_id}) for c in some],
    )
    states = take(State.values, times)
    yield "deliveries: state", [(f"{API}deliveries", {"state": state}) for state in states]
    members = Participant.objects.order_by("-created_at", "-pk").values_list("call", flat=True)
    found = list(Call.objects.filter(pk__in=members[:times]).values_list("pk", "provider_call_id"))
    for name, column, place in (
        ("conferences", "call", 0),
        ("participants", "provider_call_id", 1),
    ):
        values = take([str(pair[place]) for pair in found], times)
        yield f"{name}: {column}", [(f"{API}{name}", {column: value}) for value in values]
    yield "deliveries: subject", [(f"{API}deliveries", {"subject": str(c.pk)}) for c in some]


def calls_within(times):
    newest = Call.objects.order_by("-begun_at", "-id").first().begun_at
    for name, values in {
        "direction": Direction.values,
        "provider": Provider.values,
        "answered_by": ["human", "machine"],
        "group": ["Sales", "Support", "Billing", "Nobody"],
        "duration_seconds__gte": ["60", "600", "9999"],
        "duration_seconds__lt": ["1", "5", "30"],
        "talk_seconds__gte": ["60", "600", "3600"],
        "waited_seconds__gte": ["5", "60", "600"],
        "has_recording": ["true", "false"],
        "in_conference": ["true", "false"],
        "provider_request_id": ["nobody's"],
        "updated_at__gte": [newest.isoformat(), (newest - timedelta(days=3)).isoformat()],
        "created_at__lt": [(newest - timedelta(days=40)).isoformat()],
        "ended_at__gte": [newest.isoformat(), (newest - timedelta(days=3)).isoformat()],
        "number": most_common("customer_number", times),
        "missed + direction": ["outbound", "inbound"],
        "agent": most_common("agent_number", 3),  # at any size they fill half a page
        "tag": list(Tag.objects.values_list("name", flat=True)),
    }.items():
        first, _, given = name.rpartition(" + ")
        asked = []
        for value in take(values, times):
            begin = newest - timedelta(days=random.randrange(31, 360))
            period = {
                "begun_at__gte": begin.isoformat(),
                "begun_at__lt": (begin + timedelta(days=31)).isoformat(),
            }
            asked.append(
                (f"{API}calls", period | ({first: "true"} if first else {}) | {given: value})
            )
        yield f"calls: {name}", asked


def others_within(times):
    newest = Call.objects.order_by("-begun_at", "-id").first().begun_at
    for name, field, values in (
        ("legs", "number", ["+13125550100"]),
        ("legs", "status", Status.values),
        ("legs", "side", ["a", "b"]),
        ("legs", "party", ["agent", "customer"]),
        ("legs", "account", keys(Account)),
        ("legs", "provider", Provider.values),
        ("legs", "updated_at__gte", [newest.isoformat()]),
        ("conferences", "provider", Provider.values),
        ("conferences", "updated_at__gte", [newest.isoformat()]),
        ("recordings", "account", keys(Account)),
        ("recordings", "state", ["announced", "available"]),
        ("recordings", "provider", Provider.values),
        ("recordings", "updated_at__gte", [newest.isoformat()]),
        ("participants", "state", ["joined", "left"]),
        ("participants", "account", keys(Account)),
        ("participants", "provider", Provider.values),
        ("participants", "updated_at__gte", [newest.isoformat()]),
        ("deliveries", "provider", Provider.values),
        ("deliveries", "endpoint", keys(Endpoint)),
        ("deliveries", "account", keys(Account)),
        ("deliveries", "kind", ["callStatus", "live_call"]),
    ):
        time = LISTS[name][1]
        begin = newest - timedelta(days=90 if time == "created_at" else 31)
        period = {
            f"{time}__gte": begin.isoformat(),
            f"{time}__lt": (begin + timedelta(days=31)).isoformat(),
        }
        if name == "conferences":  # of ten thousand calls a month has so many
            period["page_size"] = 10
        yield (
            f"{name}: {field}",
            [(f"{API}{name}", period | {field: value}) for value in take(values, times)],
        )


def shapes(times):
    every = "legs,recordings,children,conferences,notes,deliveries"
    yield "calls: expand", [(f"{API}calls", {"expand": every})] * times
    yield "calls: fields", [(f"{API}calls", {"fields": "id,status,begun_at"})] * times
    yield "calls: count=estimate", [(f"{API}calls", {"count": "estimate"})] * times
    yield "changes", [(f"{API}changes", {})] * times


def objects(times):
    yield "call", [(f"{API}calls/{call.pk}", {}) for call in calls(times)]
    for name in ("legs", "conferences", "participants", "recordings", "deliveries"):
        model, time = LISTS[name]
        rows = model.objects.order_by(f"-{time}", "-pk").values_list("pk", flat=True)[:times]
        yield f"{name}: one", [(f"{API}{name}/{key}", {}) for key in rows]
