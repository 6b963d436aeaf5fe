"""The search that forgives: numbers in any format or by their last digits, ids, names. It first
looks who or what the text is, by index probes, and then restricts the calls by one column."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from calls.models import Account, Agent, Call, ServiceNumber
from calls.numbers import e164
from calls.viewer import Viewer

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
    # The same in parts, each answered by one index: of one number of ours, or of last digits.
    ways: list[Q] = field(default_factory=list)


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
    rows, numbers = list(rows), defaultdict(list)
    for row in rows:
        numbers[row.account_id].append(row.number)
    if len(numbers) > 1:
        # Where no account has another's number too, one condition of each column will do; a planner
        # takes pairs for far rarer than they are, and reads the table for them.
        every = sorted({row.number for row in rows})
        known = type(rows[0]).objects.filter(account__in=list(numbers), number__in=every)
        if known.count() == len(rows):
            return Q((f"{column}__in", every), account__in=list(numbers))
    condition = Q(pk__in=[])
    for account, of_account in numbers.items():
        among = {column: of_account[0]} if len(of_account) == 1 else {f"{column}__in": of_account}
        condition |= Q(account=account, **among)
    return condition


def find(text: str, viewer: Viewer) -> Found:
    """What somebody means who types this."""
    text = " ".join(text.replace("\x00", "").split())[:255]
    if not text:
        return Found()
    digits = digits_of(text)
    if (found := _by_id(text)) or digits is None:
        return found or _by_name(text, viewer)
    if len(digits) < SHORTEST_END:
        return _nothing(TOO_FEW)
    if len(digits) >= SHORTEST_WHOLE and (found := _by_whole_number(text, viewer)):
        return found
    if viewer.sees_numbers or len(digits) == SHORTEST_END:
        return _by_last_digits(digits, viewer)
    if len(digits) >= SHORTEST_WHOLE:
        return _nothing(f"No call with this whole number. {WHOLE_OR_FOUR}")
    return _nothing(WHOLE_OR_FOUR)


def _nothing(problem: str) -> Found:
    return Found(Q(pk__in=[]), problem=problem)


def _by_id(text: str) -> Found | None:
    """Ours, or the provider's: of any call, also of one that another dialled."""
    if key := _uuid(text):
        if Call.objects.filter(pk=key).exists():
            return Found(Q(pk=key), "Call id", call=key, of_any_call=True)
        return None
    same = Q(provider_call_id=text)
    keys = list(Call.objects.filter(same).order_by().values_list("pk", flat=True)[:2])
    if not keys:
        return None
    only = keys[0] if len(keys) == 1 else None
    return Found(same, "The provider's call id", call=only, of_any_call=True)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_whole_number(text: str, viewer: Viewer) -> Found | None:
    """Whose number it is: its calls are found by an id then, and the number leaves the address."""
    whole = spellings(text)
    services, agents = _named(Q(number__in=whole))
    meanings = _meanings(services, agents, viewer)
    of_customer = Call.objects.filter(is_root=True, customer_number__in=whole).order_by("-begun_at")
    if customer := of_customer.values_list("pk", "customer_number").first():
        key, number = customer
        words, instead = f"Customer {viewer.number(number)}", {"customer_of": str(key)}
        return Found(Q(customer_number=number), words, instead=instead, hints=meanings)
    if not meanings:
        return None
    words, instead = meanings[0]
    instead = instead if len(meanings) == 1 else {}
    ways = [] if instead else _each_of(services, agents)
    calls = _any_of(services, agents)
    return Found(calls, words, instead=instead, hints=meanings[1:], ways=ways)


def _by_last_digits(digits: str, viewer: Viewer) -> Found:
    """Customers', else whatever of ours ends so. A leading 0 that the stored number lacks is let
    go."""
    services, agents = _named(Q(number__endswith=digits))
    hints = _meanings(services, agents, viewer)
    for end in dict.fromkeys([digits, digits.lstrip("0")]):
        found = len(end) >= SHORTEST_END and ends_in(end)
        if found and Call.objects.filter(found, is_root=True).order_by().exists():
            words = f"Customers' numbers that end in {end}"
            return Found(found, words, hints=hints, ways=[found])
    if not hints:
        return _nothing(f"No number ends in {digits}.")
    instead = hints[0][1] if len(hints) == 1 else {}
    words = " or ".join(words for words, _ in hints)
    ways = [] if instead else _each_of(services, agents)
    return Found(_any_of(services, agents), words, instead=instead, ways=ways)


def _by_name(text: str, viewer: Viewer) -> Found:
    """Agents by the beginning of their name or of a word in it, service numbers by their label."""
    services, agents = _named(
        _begins("label", text), _begins("name", text) | _begins("heard_name", text)
    )
    services = [one for one in services if _is_seen(text, viewer, one.label)]
    agents = [one for one in agents if _is_seen(text, viewer, one.name, one.heard_name)]
    meanings = _meanings(services, agents, viewer)
    if not meanings:
        return _nothing(f"No call id, number or name is like “{viewer.text(text)}”.")
    instead = meanings[0][1] if len(meanings) == 1 else {}
    words = " or ".join(words for words, _ in meanings)
    ways = [] if instead else _each_of(services, agents)
    return Found(_any_of(services, agents), words, instead=instead, ways=ways)


def _is_seen(text: str, viewer: Viewer, *names: str) -> bool:
    """Does it stand in a name as this viewer sees it? A number in a name is not guessed digit by
    digit."""
    return any(text.casefold() in viewer.text(name).casefold() for name in names)


def seen(typed: str, found: Iterable, columns: Iterable[str], viewer: Viewer) -> list:
    """The keys of rows, of those in which the database found all words, in which one sees them."""
    words = re.sub("[\"']", " ", typed).casefold().split()
    keys = []
    for row in found:
        shown = "\n".join(viewer.text(getattr(row, column)) for column in columns).casefold()
        if all(word in shown for word in words):
            keys.append(row.pk)
    return keys


def _begins(column: str, text: str) -> Q:
    return Q((f"{column}__istartswith", text)) | Q((f"{column}__icontains", f" {text}"))


def _named(of_services: Q, of_agents: Q | None = None):
    """Service numbers and agents, from their own small tables."""
    services = ServiceNumber.objects.filter(of_services)[:_MOST_NAMES]
    agents = Agent.objects.filter(of_services if of_agents is None else of_agents)[:_MOST_NAMES]
    return list(services), list(agents)


def _any_of(services: list[ServiceNumber], agents: list[Agent]) -> Q:
    parts = []
    if services:
        parts.append(on_account("service_number", services))
    if agents:
        parts.append(on_account("agent_number", agents))
    return parts[0] if len(parts) == 1 else parts[0] | parts[1]


def _each_of(services: list[ServiceNumber], agents: list[Agent]) -> list[Q]:
    """The same one by one: an index holds the calls of each in the order of the list."""
    return [
        Q((column, one.number), account=one.account_id)
        for column, named in (("service_number", services), ("agent_number", agents))
        for one in named
    ]


def _meanings(services, agents, viewer: Viewer) -> list[tuple[str, dict[str, str]]]:
    """Each in words, with the filter that means it."""
    kinds = (
        ("Service number", "service_number", [(one, one.label) for one in services]),
        ("Agent", "agent", [(one, one.known_as) for one in agents]),
    )
    return sorted(
        (
            (f"{kind} {viewer.text(name) or viewer.number(one.number)}", {parameter: str(one.pk)})
            for kind, parameter, named in kinds
            for one, name in named
        ),
        key=lambda meaning: meaning[0],
    )
