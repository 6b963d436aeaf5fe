"""Customers whose missed calls nobody returned.

A call is returned by any later one with that number that was answered, whoever rang whom. Called
by `counting` alone, which sees to it that two never compute the same customer at once.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, Q

from calls.choices import UNANSWERED, Direction
from calls.keys import missed_customer_key
from calls.models import Call, MissedCustomer
from calls.upsert import upsert

from .figures import ANSWERED

_BATCH = 100  # customers in one query, and in one transaction
_WITHHELD = "266696687"  # ANONYMOUS on a keypad: carriers send it in place of a number
_OUTBOUND = (Direction.OUTBOUND, Direction.OUTBOUND_DIAL)
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)

# Each customer's calls after the last that was answered, oldest first. One step into the index
# call_by_customer per customer finds that call, a second one reads what came after.
_SINCE_ANSWERED = """
WITH asked(number) AS (VALUES {numbers}),
since(number, moment) AS MATERIALIZED (
    SELECT number, COALESCE(
        (SELECT begun_at FROM calls_call
         WHERE customer_number = number AND status IN ({answered})
         ORDER BY begun_at DESC LIMIT 1),
        {long_ago})
    FROM asked
)
SELECT c.id, c.customer_number, c.account_id, c.service_number, c.begun_at, c.is_root, c.missed,
    c.direction, c.status, c.agent_number
FROM since JOIN calls_call c ON c.customer_number = since.number AND c.begun_at > since.moment
ORDER BY c.customer_number, c.begun_at, c.id
"""


def returnable(number: str) -> bool:
    """Can it be rung? Not where it was withheld: no digits, or those that stand for that."""
    digits = "".join(character for character in number if character in "0123456789")
    return bool(digits.strip("0")) and digits != _WITHHELD


def batches(numbers: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """As many customers as one query takes at a time."""
    rest = iter(numbers)
    while batch := tuple(islice(rest, _BATCH)):
        yield batch


def settle(batch: tuple[str, ...]) -> None:
    """Look at these customers anew: a row each while they wait for a call, none once they had it.
    Two queries and at most two writes."""
    wanted = tuple(sorted(number for number in set(batch) if returnable(number)))
    if not wanted:
        return
    found = {row.id: row for row in _waiting(wanted)}
    upsert([(None, row) for row in found.values()], guarded=False, using=connection.alias)
    gone = {missed_customer_key(number) for number in wanted} - found.keys()
    MissedCustomer.objects.filter(id__in=gone).delete()


def candidates() -> Iterator[str]:
    """All customers who may be waiting: whose last missed call is younger than the last answered.
    Reads the whole table once, inside the database."""
    missed = Max("begun_at", filter=Q(missed=True, is_root=True))
    answered = Max("begun_at", filter=Q(status__in=ANSWERED))
    customers = Call.objects.order_by().values("customer_number")
    customers = customers.annotate(last_missed=missed, last_answered=answered)
    waiting = customers.filter(
        Q(last_answered=None) | Q(last_answered__lt=F("last_missed")), last_missed__isnull=False
    )
    numbers = waiting.values_list("customer_number", flat=True)
    if connection.vendor == "postgresql":
        return numbers.iterator()
    return iter(list(numbers))  # SQLite cannot write beside a read that is still open


def listed() -> Iterator[str]:
    """The customers that have a row."""
    last = UUID(int=0)
    rows = MissedCustomer.objects.order_by("id").values_list("id", "customer_number")
    while batch := list(rows.filter(id__gt=last)[:_BATCH]):
        yield from (number for _, number in batch)
        last = batch[-1][0]


def _waiting(numbers: tuple[str, ...]) -> Iterator[MissedCustomer]:
    answered = sorted(ANSWERED)
    query = _SINCE_ANSWERED.format(  # noqa: S608 — placeholders
        numbers=", ".join(["(%s)"] * len(numbers)),
        answered=", ".join(["%s"] * len(answered)),
        long_ago="CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s",
    )
    long_ago = connection.ops.adapt_datetimefield_value(_LONG_AGO)
    calls = Call.objects.raw(query, [*numbers, *answered, long_ago])
    for number, theirs in groupby(calls, key=lambda call: call.customer_number):
        if row := _row(number, theirs):
            yield row


def _row(number: str, calls: Iterable[Call]) -> MissedCustomer | None:
    """What became of a customer since the last answered call; None if nothing was missed."""
    row = None
    for call in calls:
        if call.missed and call.is_root:
            if row is None:
                row = MissedCustomer(
                    id=missed_customer_key(number),
                    customer_number=number,
                    first_missed_at=call.begun_at,
                    missed_calls=0,
                )
            row.account_id, row.service_number = call.account_id, call.service_number
            row.last_missed_at, row.last_call_id = call.begun_at, call.id
            row.missed_calls += 1
        elif row and call.direction in _OUTBOUND and call.status in UNANSWERED:
            row.attempts += 1
            row.last_attempt_at = call.begun_at
            if call.agent_number and call.agent_number not in row.tried_by:
                row.tried_by.append(call.agent_number)
    return row
