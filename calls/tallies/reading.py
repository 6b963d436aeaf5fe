"""Figures for any period: whole slots from the tallies, the rest of it from the calls themselves.

What is counted changes within seconds of a call (see `counting`); the ragged ends are of now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from itertools import pairwise
from operator import or_
from uuid import UUID

from django.db.models import Q, Sum

from calls.models import Call, Tally

from .days import OF_DAY
from .figures import COUNTS, Figures, Row, with_waits
from .slots import DAY, SLOT, slot_from, slot_of

Period = tuple[datetime, datetime]  # from, and until but without
BY_ACCOUNT = "account"  # a breakdown's dimension besides those of Tally
# The column that a dimension counts by.
COLUMNS = {
    Tally.Dimension.SERVICE_NUMBER: "service_number",
    Tally.Dimension.AGENT: "agent_number",
}


def figures(start: datetime, end: datetime, account: UUID | None = None) -> Figures:
    """Exact figures of the conversations that began from `start` until before `end`."""
    return periods([(start, end)], account)[0]


def series(
    bounds: Sequence[datetime], account: UUID | None = None, *, waits: bool = False
) -> list[Figures]:
    """Figures between each bound and the next: days, hours. One query where all bounds are those of
    slots, else two. Without `waits` their median and percentile are not to be had."""
    return periods(list(pairwise(bounds)), account, waits=waits)


def periods(
    wanted: Sequence[Period], account: UUID | None = None, *, waits: bool = True
) -> list[Figures]:
    """Exact figures of each period, in two queries at most; they may overlap."""
    found = [with_waits() if waits else Figures() for _ in wanted]
    whole, ragged = zip(*map(_cut, wanted), strict=True) if wanted else ((), ())
    by_slot = _slots([part for part in whole if part], account, waits)
    for place, part in enumerate(whole):
        if part:
            found[place] = _sum(by_slot, part, found[place])
    ends = [(place, part) for place, parts in enumerate(ragged) for part in parts]
    for begun_at, row in _rows([part for _, part in ends], account):
        for place, (start, end) in ends:
            if start <= begun_at < end:
                found[place].count(row)
    return found


def breakdown(dimension: str, start: datetime, end: datetime) -> list[tuple[UUID, str, Figures]]:
    """(account, value, figures) by "account" (value ""), or by a dimension of Tally: service number
    or agent. Most calls first; without waits. A call that an agent did not take, but that rang
    there, counts for the agent; one without the number in question is left out."""
    return breakdowns([dimension], start, end)[dimension]


def breakdowns(
    dimensions: Sequence[str], start: datetime, end: datetime
) -> dict[str, list[tuple[UUID, str, Figures]]]:
    """A breakdown by each of these dimensions, in two queries at most."""
    if strange := set(dimensions) - {BY_ACCOUNT, *COLUMNS}:
        raise ValueError(f"calls are not counted by {', '.join(map(str, strange))}")
    found: dict[str, dict[tuple[UUID, str], Figures]] = {name: {} for name in dimensions}
    whole, ragged = _cut((start, end))
    if whole:
        named = {Tally.Dimension.ALL if name == BY_ACCOUNT else name: name for name in dimensions}
        counted = Tally.objects.filter(_in_days_and_slots(whole, list(named)))
        named |= {OF_DAY[dimension]: name for dimension, name in named.items()}
        sums = counted.order_by().values_list("dimension", "account_id", "value")
        for dimension, account, value, *counts in sums.annotate(*map(Sum, COUNTS)):
            parts = found[named[dimension]]
            parts[account, value] = parts.get((account, value), Figures()) + Figures(*counts)
    for _, row in _rows(ragged):
        for dimension in dimensions:
            value = "" if dimension == BY_ACCOUNT else getattr(row, COLUMNS[dimension])
            if value or dimension == BY_ACCOUNT:
                found[dimension].setdefault((row.account_id, value), Figures()).count(row)
    return {name: _most_first(parts) for name, parts in found.items()}


def _most_first(parts: dict[tuple[UUID, str], Figures]) -> list[tuple[UUID, str, Figures]]:
    ordered = sorted(parts.items(), key=lambda item: (-item[1].calls, item[0][1], item[0][0]))
    return [(account, value, part) for (account, value), part in ordered if part.calls]


def _cut(period: Period) -> tuple[Period | None, list[Period]]:
    """The whole slots of a period, if any, and what is left of it at either end."""
    start, end = period
    if start >= end:
        return None, []
    first, last = slot_from(start), slot_of(end)
    if first >= last:
        return None, [period]
    ends = [(start, first), (last, end)]
    return (first, last), [(a, b) for a, b in ends if a < b]


def _in_days_and_slots(whole: Period, dimensions: Sequence[str]) -> Q:
    """The tallies of the UTC days in a period, and at its ends those of slots."""
    start, end = whole
    first, last = slot_from(start, DAY), slot_of(end, DAY)
    if first >= last:
        return Q(dimension__in=dimensions) & _within("begins_at", [whole])
    found = _within("begins_at", [(first, last)])
    found &= Q(dimension__in=[OF_DAY[dimension] for dimension in dimensions])
    if ends := [(a, b) for a, b in ((start, first), (last, end)) if a < b]:
        found |= Q(dimension__in=dimensions) & _within("begins_at", ends)
    return found


def _within(column: str, parts: Iterable[Period]) -> Q:
    return reduce(or_, (Q(**{f"{column}__gte": a, f"{column}__lt": b}) for a, b in parts))


def _united(parts: Iterable[Period]) -> list[Period]:
    """The same time without overlaps, in few pieces: each is a range of an index."""
    united: list[Period] = []
    for start, end in sorted(parts):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _slots(parts: list[Period], account: UUID | None, waits: bool) -> dict[datetime, Figures]:
    """What is counted of each slot in these parts."""
    if not parts:
        return {}
    counted = Tally.objects.filter(
        _within("begins_at", _united(parts)), dimension=Tally.Dimension.ALL
    )
    if account:
        counted = counted.filter(account=account)
    if not waits:
        sums = counted.order_by().values_list("begins_at").annotate(*map(Sum, COUNTS))
        return {slot: Figures(*counts) for slot, *counts in sums}
    found: dict[datetime, Figures] = defaultdict(with_waits)
    for slot, written, *counts in counted.values_list("begins_at", "waits", *COUNTS):
        buckets = Counter({int(place): count for place, count in written.items()})
        found[slot] += Figures(*counts, buckets)
    return found


def _sum(by_slot: dict[datetime, Figures], part: Period, result: Figures) -> Figures:
    slot, end = part
    while slot < end:
        if slot in by_slot:
            result += by_slot[slot]
        slot += SLOT
    return result


def _rows(parts: Sequence[Period], account: UUID | None = None):
    """(when it began, what is counted of it) of the conversations in these parts."""
    if not parts:
        return
    calls = Call.objects.filter(_within("begun_at", _united(parts)), is_root=True)
    if account:
        calls = calls.filter(account=account)
    for begun_at, *values in calls.order_by().values_list("begun_at", *Row._fields):
        yield begun_at, Row(*values)
