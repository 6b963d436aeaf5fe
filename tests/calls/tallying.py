"""Counting the slow way, every call in plain loops: what the tallies are held against."""

import math
from collections import defaultdict

from calls.models import Call, MissedCustomer, Tally

ANSWERED = ("in_progress", "completed")
UNREACHED = ("busy", "no_answer", "canceled", "failed")
COUNTS = ("calls", "inbound", "answered", "inbound_answered", "missed", "failed", "talk_seconds")


def conversations(start, end, account=None):
    return [
        call
        for call in Call.objects.all()
        if call.is_root and start <= call.begun_at < end and account in (None, call.account_id)
    ]


def counts(calls):
    found = dict.fromkeys(COUNTS, 0)
    for call in calls:
        found["calls"] += 1
        found["inbound"] += call.direction == "inbound"
        found["answered"] += call.status in ANSWERED
        found["inbound_answered"] += call.direction == "inbound" and call.status in ANSWERED
        found["missed"] += call.missed
        found["failed"] += call.status == "failed"
        found["talk_seconds"] += call.talk_seconds or 0
    return found


def waits(calls):
    return sorted(
        call.waited_seconds
        for call in calls
        if call.direction == "inbound"
        and call.status in ANSWERED
        and call.waited_seconds is not None
    )


def percentile(values, share):
    return values[math.ceil(share * len(values)) - 1] if values else None


def counts_of(figures):
    return {name: getattr(figures, name) for name in COUNTS}


def by(column, calls):
    """(account, value) → counts."""
    grouped = defaultdict(list)
    for call in calls:
        value = getattr(call, column) if column else ""
        if value or not column:
            grouped[call.account_id, value].append(call)
    return {key: counts(some) for key, some in grouped.items()}


def waiting():
    """customer → (first missed, last missed, missed calls, last call, attempts, tried by)."""
    theirs = defaultdict(list)
    for call in Call.objects.all():
        if set(call.customer_number) & set("123456789"):
            theirs[call.customer_number].append(call)
    found = {}
    for customer, calls in theirs.items():
        calls.sort(key=lambda call: (call.begun_at, call.id))
        answered = [call.begun_at for call in calls if call.status in ANSWERED]
        since = [call for call in calls if not answered or call.begun_at > answered[-1]]
        missed = [call for call in since if call.missed and call.is_root]
        if not missed:
            continue
        later = since[since.index(missed[0]) :]
        tries = [c for c in later if c.direction.startswith("out") and c.status in UNREACHED]
        found[customer] = (
            missed[0].begun_at,
            missed[-1].begun_at,
            len(missed),
            missed[-1].id,
            missed[-1].account_id,
            missed[-1].service_number,
            len(tries),
            tries[-1].begun_at if tries else None,
            list(dict.fromkeys(call.agent_number for call in tries if call.agent_number)),
        )
    return found


def listed():
    return {
        row.customer_number: (
            row.first_missed_at,
            row.last_missed_at,
            row.missed_calls,
            row.last_call_id,
            row.account_id,
            row.service_number,
            row.attempts,
            row.last_attempt_at,
            row.tried_by,
        )
        for row in MissedCustomer.objects.all()
    }


def tallied():
    """All that was counted, comparable."""
    columns = ("id", "begins_at", "account_id", "dimension", "value", "waits", *COUNTS)
    rows = Tally.objects.order_by("id").values(*columns)
    return {row.pop("id"): row for row in rows}
