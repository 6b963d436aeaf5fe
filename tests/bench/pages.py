"""Which pages are measured, each with as many different values as there are times."""

import random
from datetime import timedelta
from itertools import cycle, islice

from django.urls import reverse

from calls.choices import Direction, Provider, Status
from calls.desk.paging import CURSOR
from calls.desk.periods import Period
from calls.filtersets.filters import OutcomeFilter
from calls.keyset import Keyset
from calls.models import (
    Account,
    Agent,
    Call,
    Conference,
    Disposition,
    Participant,
    ServiceNumber,
    Tag,
)
from webhooks.models import Delivery, Endpoint, State

LIST = reverse("admin:calls_call_changelist")
MONTH = {"period": Period.LONGEST.value}


def pages(times):
    """(name, [(address, parameters), …]) of each; a small database lacks some."""
    random.seed(1)
    for part in (lists, searches, others):
        yield from ((name, addresses) for name, addresses in part(times) if addresses)


def lists(times):
    yield "list: first page", [(LIST, {})] * times
    roots = Call.objects.filter(is_root=True).order_by("-begun_at", "-id")
    keyset = Keyset(Call, "begun_at")
    edges = list(roots.only("begun_at")[49_949 : 49_950 + 50 * times])[::50][:times]
    yield (
        "list: page 1,000 and on",
        [(LIST, {CURSOR: keyset.sign(row, newer=False)}) for row in edges],
    )
    yield (
        "list: back from page 1,000",
        [(LIST, {CURSOR: keyset.sign(row, newer=True)}) for row in edges],
    )
    some = calls(times)
    members = Participant.objects.order_by("-created_at", "-id")[:times]
    sources = [
        source for source in ServiceNumber.objects.values_list("source", flat=True) if source
    ]
    for name, values in {
        "period": Period.values,
        "account": keys(Account),
        "outcome": list(dict(OutcomeFilter.labels)),
        "status": Status.values,
        "live": ["true", "false"],
        "flagged": ["true", "false"],
        "service_number": keys(ServiceNumber),
        "source": sorted(set(sources)),
        "agent": keys(Agent),
        "tag": keys(Tag),
        "disposition": keys(Disposition),
        "customer_of": [str(call.pk) for call in some],
        "parent": [str(call.pk) for call in some],
        "conference": [str(member.conference_id) for member in members],
    }.items():
        yield f"list: {name}", [(LIST, {name: value}) for value in take(values, times)]
    for name, values in {
        "direction": Direction.values,
        "provider": Provider.values,
        "status": [Status.BUSY, Status.CANCELED, Status.FAILED],
        "group": ["Sales", "Support", "Billing"],
        "answered_by": ["human", "machine"],
        "talk_min": ["60", "600", "3600"],
        "duration_max": ["5", "30"],
        "has_recording": ["true", "false"],
        "in_conference": ["true"],
        "agent": keys(Agent),
        "service_number": keys(ServiceNumber),
    }.items():
        yield (
            f"list: 31 days and {name}",
            [(LIST, MONTH | {name: value}) for value in take(values, times)],
        )


def searches(times):
    some = calls(times)
    numbers = [call.customer_number for call in some]
    yield "search: whole number", [(LIST, {"q": number}) for number in numbers]
    yield "search: oddly written", [(LIST, {"q": f"{n[:3]} {n[3:8]}-{n[8:]}"}) for n in numbers]
    yield "search: last four digits", [(LIST, {"q": number[-4:]}) for number in numbers]
    yield "search: last six digits", [(LIST, {"q": number[-6:]}) for number in numbers]
    names = list(Agent.objects.exclude(name="").values_list("name", flat=True))
    yield "search: agent", [(LIST, {"q": name}) for name in take(names, times)]
    yield "search: our id", [(LIST, {"q": str(call.pk)}) for call in some]
    yield "search: provider's id", [(LIST, {"q": call.provider_call_id}) for call in some]


def others(times):
    change = [reverse("admin:calls_call_change", args=[call.pk]) for call in calls(times)]
    yield "call", [(address, {}) for address in change]
    newest = Call.objects.filter(is_root=True).order_by("-begun_at", "-id")[1_000 : 1_000 + times]
    yield (
        "call: with deliveries",
        [(reverse("admin:calls_call_change", args=[call.pk]), {}) for call in newest],
    )
    conferences = Conference.objects.order_by("-created_at", "-id")[:times]
    yield (
        "conference",
        [(reverse("admin:calls_conference_change", args=[one.pk]), {}) for one in conferences],
    )
    for name in ("index", "live", "needs_attention", "sources"):
        yield name, [(reverse(f"admin:{name}"), {})] * times
    for model in ("missedcustomer", "recording", "conference", "servicenumber", "agent", "leg"):
        yield f"{model}s", [(reverse(f"admin:calls_{model}_changelist"), {})] * times
    inbox = reverse("admin:webhooks_delivery_changelist")
    yield "inbox", [(inbox, {})] * times
    yield (
        "inbox: state",
        [(inbox, {"state__exact": state}) for state in take(State.values, times)],
    )
    found = Delivery.objects.order_by("-received_at", "-id")[:times]
    yield (
        "delivery",
        [(reverse("admin:webhooks_delivery_change", args=[one.pk]), {}) for one in found],
    )
    endpoints = Endpoint.objects.all()
    change = [reverse("admin:webhooks_endpoint_change", args=[one.pk]) for one in endpoints]
    yield "endpoint", [(address, {}) for address in take(change, times)]


def calls(times):
    """Conversations of any time, old ones too."""
    roots = Call.objects.filter(is_root=True).exclude(customer_number="")
    newest = roots.order_by("-begun_at", "-id").first().begun_at
    oldest = roots.order_by("begun_at", "id").first().begun_at
    moments = [newest - (newest - oldest) * random.random() for _ in range(times)]
    earlier = roots.order_by("-begun_at", "-id").defer("claims")
    return [earlier.filter(begun_at__lte=at + timedelta(seconds=1)).first() for at in moments]


def keys(model):
    return [str(key) for key in model.objects.values_list("pk", flat=True)]


def take(values, times):
    values = list(values)
    random.shuffle(values)
    return list(islice(cycle(values), times))
