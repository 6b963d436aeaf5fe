"""The search that forgives: numbers in any format or by their last digits, ids, names. It first
looks who or what the text is, by index probes, and then restricts the calls by one column."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from calls.models import Account, Agent, ServiceNumber
from calls.numbers import e164

SHORTEST_END = 4  # digits; fewer would be everybody
SHORTEST_WHOLE = 7  # what E.164 makes of fewer is no number
_MOST_NAMES = 50  # agents or service numbers that one text may mean
_SEPARATORS = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")

WHOLE_OR_FOUR = "Search by a whole number, or by exactly its last four digits."
TOO_FEW = "Give at least the last four digits of a number."


@dataclass(frozen=True, slots=True)
class Found:
    """What a text means. `restriction` is None where there was no text."""

    restriction: Q | None = None
    words: str = ""  # what is shown, numbers as the viewer may see them
    problem: str = ""  # why nothing is
    call: UUID | None = None  # exactly this call
    instead: dict[str, str] = field(default_factory=dict)  # the same filter without the text
    hints: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # what else it may mean
    of_any_call: bool = False  # not only of conversations


def digits_of(text: str) -> str | None:
    """The digits of what looks like a number; None for anything else."""
    bare = _SEPARATORS.sub("", text).removeprefix("+")
    return bare if bare.isascii() and bare.isdigit() else None


def spellings(text: str) -> list[str]:
    """Under which a whole number may be stored: E.164 by the regions of the accounts, or as it was
    sent."""
    regions = Account.objects.order_by().values_list("region", flat=True).distinct()
    digits = digits_of(text) or ""
    international = digits.removeprefix("00")
    ways = [(text, ""), (f"+{international}", ""), *((text, region) for region in regions)]
    found = {e164(*way) for way in ways}
    return sorted({text, digits, *(one for one in found if one)} - {""})


def ends_in(digits: str) -> Q:
    """Customers whose number ends in these digits: a range of the reversed ones, which any
    collation sorts alike, as they are digits only."""
    first = digits[::-1]
    condition = Q(customer_digits__gte=first)
    stem = first.rstrip("9")
    if stem:  # 129 is followed by 13; nothing follows 99
        condition &= Q(customer_digits__lt=stem[:-1] + str(int(stem[-1]) + 1))
    return condition


def on_account(column: str, rows: Iterable[Agent | ServiceNumber]) -> Q:
    """Calls of these service numbers or agents: a number means something within its account."""
    numbers = defaultdict(list)
    for row in rows:
        numbers[row.account_id].append(row.number)
    condition = Q(pk__in=[])
    for account, of_account in numbers.items():
        among = {column: of_account[0]} if len(of_account) == 1 else {f"{column}__in": of_account}
        condition |= Q(account=account, **among)
    return condition
