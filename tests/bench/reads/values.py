"""Values to ask for: as many different ones as there are times, the same in every run."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import cycle, islice

from calls.keyset import Keyset
from calls.models import Call


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody may ask for, with different values: (address, parameters) of each."""

    group: str
    name: str
    asked: list


@cache
def calls(times):
    """Conversations of any time, old ones too."""
    random.seed(1)
    roots = Call.objects.filter(is_root=True).exclude(customer_number="")
    newest = roots.order_by("-begun_at", "-id").first().begun_at
    oldest = roots.order_by("begun_at", "id").first().begun_at
    moments = [newest - (newest - oldest) * random.random() for _ in range(times)]
    earlier = roots.order_by("-begun_at", "-id").defer("claims")
    return [earlier.filter(begun_at__lte=at + timedelta(seconds=1)).first() for at in moments]


@cache
def most_common(column, count):
    """What most of the newest conversations have in a column: with any number of calls enough to
    fill a page, and with many of them the most that there is to find."""
    newest = Call.objects.filter(is_root=True).exclude((column, "")).order_by("-begun_at", "-id")
    found = Counter(newest.values_list(column, flat=True)[:10_000])
    return [value for value, _ in found.most_common(count)]


def keys(model):
    return sorted(str(key) for key in model.objects.values_list("pk", flat=True))


def take(values, times):
    """So many of them, each as often as any other."""
    values = list(values)
    random.shuffle(values)
    return list(islice(cycle(values), times))


def far_back(rows, time, size, times):
    """(keyset, rows at the edges of pages from page 1,000 on; where there are not so many pages,
    from the middle of the list on). A whole page follows each edge, where there is one at all."""
    rows = rows.order_by(f"-{time}", "-pk").only(time)
    first = 1_000 * size - size - 1
    while first and not rows[first + size : first + size + 1].exists():
        first //= 2
    some = list(rows[first : first + size * (times + 1)])
    return Keyset(rows.model, time), take(some[:-size:size] or some[:1], times)
