"""The desk's lines: the list of calls with its filters and searches, and every page."""

import random
from datetime import timedelta
from itertools import chain

from django.contrib.admin import site
from django.urls import reverse

from calls.choices import Direction, Provider, Status
from calls.desk.paging import CURSOR
from calls.desk.periods import Period
from calls.filtersets.filters import OutcomeFilter
from calls.models import (
    Account,
    Agent,
    Call,
    Conference,
    Disposition,
    Participant,
    Recording,
    ServiceNumber,
    Tag,
)
from webhooks.matching import PERIODS
from webhooks.models import Delivery, Endpoint, State

from .values import Line, calls, far_back, keys, most_common, take

LIST = reverse("admin:calls_call_changelist")
MONTH = {"period": Period.LONGEST.value}
PER_PAGE = 50


def lines(times):
    random.seed(1)
    parts = {
        "Desk: list and filters": chain(pages(times), filters(times)),
        "Desk: within 31 days": within(times),
        "Desk: search": searches(times),
        "Desk: pages": chain(of_calls(times), others(times)),
    }
    for group, part in parts.items():
        for name, asked in part:
            yield Line(group, name, asked)


def pages(times):
    yield "calls", [(LIST, {})] * times
    keyset, edges = far_back(Call.objects.filter(is_root=True), "begun_at", PER_PAGE, times)
    for told, newer in (("calls, page 1,000 and on", False), ("back from page 1,000", True)):
        yield told, [(LIST, {CURSOR: keyset.sign(row, newer=newer)}) for row in edges]


def filters(times):
    some = calls(times)
    members = Participant.objects.order_by("-created_at", "-id")[:times]
    sources = {one for one in ServiceNumber.objects.values_list("source", flat=True) if one}
    for name, values in {
        "period": Period.values,
        "account": keys(Account),
        "outcome": list(dict(OutcomeFilter.labels)),
        "status": Status.values,
        "live": ["true", "false"],
        "missed": ["true", "false"],
        "flagged": ["true", "false"],
        "service_number": keys(ServiceNumber),
        "source": sorted(sources),
        "agent": keys(Agent),
        "tag": keys(Tag),
        "disposition": keys(Disposition),
        "customer_of": [str(call.pk) for call in some],
        "customer_of (calls often)": of_common("customer_number", times),
        "provider_call_id": [call.provider_call_id for call in some],
        "since": [f"{call.begun_at:%Y-%m-%d}" for call in some],
        "until": [f"{call.begun_at:%Y-%m-%d}" for call in some],
        "parent": [str(call.pk) for call in some],
        "conference": [str(member.conference_id) for member in members],
    }.items():
        given = name.partition(" ")[0]
        yield f"calls by {name}", [(LIST, {given: value}) for value in take(values, times)]


def of_common(column, times):
    """Ids of conversations that have what most have."""
    newest = Call.objects.filter(is_root=True).order_by("-begun_at")
    of_values = (newest.filter((column, one)) for one in most_common(column, times))
    return [str(calls.values_list("pk", flat=True).first()) for calls in of_values]


def within(times):
    for name, values in {
        "direction": Direction.values,
        "provider": Provider.values,
        "status": [Status.BUSY, Status.CANCELED, Status.FAILED],
        "group": ["Sales", "Support", "Billing"],
        "answered_by": ["human", "machine"],
        "talk_min": ["60", "600", "3600"],
        "duration_min": ["60", "600"],
        "duration_max": ["5", "30", "60"],
        "talk_max": ["60", "5"],
        "has_recording": ["true", "false"],
        "in_conference": ["true"],
        # At any size they fill a page within a month.
        "agent": _keys_of(Agent, most_common("agent_number", 3)),
        "service_number": _keys_of(ServiceNumber, most_common("service_number", 10)),
    }.items():
        yield f"calls by {name}", [(LIST, MONTH | {name: value}) for value in take(values, times)]


def _keys_of(model, numbers):
    return [
        str(key) for key in model.objects.filter(number__in=numbers).values_list("pk", flat=True)
    ]


def searches(times):
    some = calls(times)
    numbers = [call.customer_number for call in some]
    common = most_common("customer_number", times)
    names = sorted(set(Agent.objects.exclude(name="").values_list("name", flat=True)))
    for name, texts in {
        "whole number": numbers,
        "oddly written": [f"{number[:3]} {number[3:8]}-{number[8:]}" for number in numbers],
        "whole number (calls often)": common,
        "last four digits": [number[-4:] for number in take(common, times)],
        "last six digits": [number[-6:] for number in take(common, times)],
        "agent": take(names, times),
        "service number's label": take(["Delhi line", "Chicago line 3", "Pune"], times),
        "our id": [str(call.pk) for call in some],
        "provider's id": [call.provider_call_id for call in some],
        "nothing like it": ["no such words"] * times,
    }.items():
        yield f"search: {name}", [(LIST, {"q": text}) for text in take(texts, times)]


def of_calls(times):
    change = "admin:calls_call_change"
    yield "call", [(reverse(change, args=[call.pk]), {}) for call in calls(times)]
    newest = Call.objects.filter(is_root=True).order_by("-begun_at", "-id")
    some = newest.values_list("pk", flat=True)[100 : 100 + times]
    yield "call with deliveries", [(reverse(change, args=[key]), {}) for key in some]


def others(times):
    for name in ("index", "live", "needs_attention", "sources"):
        yield name, [(reverse(f"admin:{name}"), {})] * times
    for name in ("index", "sources"):
        for days in ("7", "30"):
            yield f"{name}, {days} days", [(reverse(f"admin:{name}"), {"period": days})] * times
    day = timedelta(days=1)
    ends = [call.begun_at for call in calls(times)]
    years = [{"first": f"{end - 365 * day:%Y-%m-%d}", "last": f"{end:%Y-%m-%d}"} for end in ends]
    yield "sources, a year", [(reverse("admin:sources"), year) for year in years]
    for model, shown in site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        if model not in (Call, Delivery):
            yield f"list: {name}", [(reverse(f"admin:{name}_changelist"), {})] * times
            if shown.search_fields:
                some = calls(times)[0]
                words = take(["Delhi", "asha", some.provider_call_id, str(some.pk)], times)
                asked = [(reverse(f"admin:{name}_changelist"), {"q": word}) for word in words]
                yield f"list: {name}, search", asked
    inbox = reverse("admin:webhooks_delivery_changelist")
    yield "inbox", [(inbox, {})] * times
    for name, values in {
        "state": State.values,
        "period": list(PERIODS),
        "endpoint": keys(Endpoint),
        "provider": Provider.values,
    }.items():
        month = {} if name in ("state", "period") else {"period": "30d"}
        asked = [(inbox, month | {name: value}) for value in take(values, times)]
        yield f"inbox by {name}", asked
    for name, model, time in (
        ("conference", Conference, "created_at"),
        ("recording", Recording, "created_at"),
        ("delivery", Delivery, "received_at"),
    ):
        rows = model.objects.order_by(f"-{time}", "-pk").values_list("pk", flat=True)
        change = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        yield name, [(reverse(change, args=[key]), {}) for key in take(rows[:times], times)]
    for model in (Endpoint, Agent, ServiceNumber, Account):
        change = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        found = take(keys(model), times)
        yield model.__name__.lower(), [(reverse(change, args=[key]), {}) for key in found]
