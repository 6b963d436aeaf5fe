"""The parameters of FreeClimb's lists, each as what it asks of our tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from operator import and_

from django.db.models import Q
from django.http import QueryDict

from calls.choices import GOING_ON, Status
from calls.keys import call_key, conference_key
from calls.numbers import e164
from calls.search import SHORTEST_WHOLE
from calltrack.problems import BadParameters

from .resources import Reader
from .times import DAY, just_after, read_date, read_time
from .words import ACTIVE, CONFERENCE_STATUSES, STATUSES, ours

CURSOR = "cursor"
LONGEST = 255  # characters: no column holds more
CLOCKS_DIFFER = timedelta(hours=1)
MOST_APPLICATIONS = 16  # as FreeClimb
_DIGITS = frozenset("0123456789")

# Filters as they were given, but for empty ones: name → texts. A cursor carries them.
Given = dict[str, list[str]]


class Unusable(ValueError):
    """The text says what a value should be like."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one parameter asks for. An `entry` is answered by an index that holds it in the list's
    order, or that finds few; `within` bounds the time that the list is ordered by; `refined` is
    looked at row by row."""

    entry: Q | None = None
    within: Q | None = None
    refined: Q | None = None
    nothing: bool = False  # of what we do not keep nothing is found


@dataclass(frozen=True, slots=True)
class Search:
    """What all parameters together ask for."""

    entries: list[Q] = field(default_factory=list)
    within: Q = field(default_factory=Q)
    refined: Q = field(default_factory=Q)
    nothing: bool = False


Filter = Callable[[list[str], Reader], Asked | None]


def read(query: QueryDict, known: Mapping[str, Filter]) -> Given:
    """The filters in a query. Raises BadParameters for those that the list does not have: they
    would seem to have been heeded."""
    names = [name for name in query if name != CURSOR]
    if unknown := [name for name in names if name not in known]:
        raise BadParameters({name: ["This list has no such parameter."] for name in unknown})
    given = {name: [text for text in query.getlist(name) if text] for name in sorted(names)}
    return {name: texts for name, texts in given.items() if texts}


def search(given: Given, known: Mapping[str, Filter], reader: Reader) -> Search:
    """Raises BadParameters, all of them at once."""
    faults, asked = {}, []
    for name, texts in given.items():
        try:
            asked.append(known[name](texts, reader))
        except Unusable as fault:
            faults[name] = [str(fault)]
    if faults:
        raise BadParameters(faults)
    told = [one for one in asked if one is not None]
    return Search(
        entries=[one.entry for one in told if one.entry is not None],
        within=_all(one.within for one in told),
        refined=_all(one.refined for one in told),
        nothing=any(one.nothing for one in told),
    )


def _all(conditions) -> Q:
    return reduce(and_, (one for one in conditions if one is not None), Q())


# Reading values.


def _one(texts: list[str]) -> str:
    if len(texts) > 1:
        raise Unusable("Give it once.")
    return _plain(texts[0])


def _plain(text: str) -> str:
    if "\x00" in text or len(text) > LONGEST:
        raise Unusable(f"At most {LONGEST} characters, no NUL among them.")
    return text


def _yes(texts: list[str]) -> bool:
    word = _one(texts).lower()
    if word not in ("true", "false"):
        raise Unusable("Give true or false.")
    return word == "true"


def _word(texts: list[str], words: Mapping[str, list[str]]) -> list[str]:
    """Ours for one of theirs."""
    text = _one(texts)
    if text not in words:
        raise Unusable(f"Give one of {', '.join(words)}.")
    return words[text]


def _time(texts: list[str]):
    try:
        return read_time(_one(texts))
    except (ValueError, TypeError, OverflowError):
        raise Unusable("Give a time as YYYY-MM-DD hh:mm:ss, GMT.") from None


def _day(texts: list[str]):
    try:
        return read_date(_one(texts))
    except ValueError:
        raise Unusable("Give a date as YYYY-MM-DD.") from None


def _number(texts: list[str], reader: Reader) -> str:
    """As it is stored: E.164 where the text allows it. A `+` that a client did not escape came as
    a space. Who sees no full numbers may ask for whole ones, not for short ones, which can be
    guessed."""
    text = _one(texts)
    if text.startswith(" "):
        text = f"+{text[1:]}"
    if not reader.sees_numbers and sum(one in _DIGITS for one in text) < SHORTEST_WHOLE:
        raise Unusable("Give a whole number.")
    return e164(text, reader.account.region) or text


# Filters.


def _from(texts, reader):
    return Asked(entry=Q(from_number=_number(texts, reader)))


def _to(texts, reader):
    return Asked(entry=Q(to_number=_number(texts, reader)))


def _active(texts, reader):
    """false is FreeClimb's default: it asks for nothing."""
    if not _yes(texts):
        return None
    return Asked(entry=Q(is_over=False), refined=Q(status__in=ACTIVE))


def _call_status(texts, reader):
    [word] = _word(texts, ours(STATUSES))
    # Only calls that go on are held by an index.
    entry = Q(is_over=False) if word in GOING_ON else None
    return Asked(entry=entry, refined=Q(status=word))


def _started_from(texts, reader):
    start = _time(texts)
    # What was dialled began when it started; what was not has no start.
    dialled = Q(started_at__gte=start) & ~Q(status=Status.QUEUED)
    return Asked(within=Q(begun_at__gte=start), refined=dialled)


def _ended_until(texts, reader):
    end = just_after(_time(texts))
    # No index holds ends, but what ended has begun before, give or take clocks. Passed over is what
    # ended before it began: of unknown start and heard of long afterwards, or flagged.
    ended = Q(is_over=True, ended_at__lt=end)
    return Asked(within=Q(begun_at__lt=end + CLOCKS_DIFFER), refined=ended)


def _parent(texts, reader):
    return Asked(entry=Q(parent=call_key(reader.account.pk, _one(texts))))


def _application(texts, reader):
    if len(texts) > MOST_APPLICATIONS:
        raise Unusable(f"Give at most {MOST_APPLICATIONS} of them.")
    return Asked(refined=Q(application_id__in=[_plain(text) for text in texts]))


def _kept_by_nobody(texts, reader):
    """Of a property that is null in every row, a value: false is the default, and asks for
    nothing."""
    return Asked(nothing=True) if _yes(texts) else None


def _privilege(texts, reader):
    _yes(texts)
    return Asked(nothing=True)


def _risk(texts, reader):
    text = _one(texts).removeprefix("-")
    if not (text and len(text) < 10 and _DIGITS.issuperset(text)):
        raise Unusable("Give a whole number.")
    return Asked(nothing=True)


def _created_on(texts, reader):
    day = _day(texts)
    return Asked(within=Q(created_at__gte=day, created_at__lt=day + DAY))


def _updated_on(texts, reader):
    day = _day(texts)
    updated = Q(updated_at__gte=day, updated_at__lt=day + DAY)
    return Asked(within=Q(created_at__lt=day + DAY), refined=updated)


def _created_from(texts, reader):
    return Asked(within=Q(created_at__gte=_time(texts)))


def _created_until(texts, reader):
    return Asked(within=Q(created_at__lt=just_after(_time(texts))))


def _of_call(texts, reader):
    return Asked(entry=Q(call=call_key(reader.account.pk, _one(texts))))


def _of_conference(texts, reader):
    return Asked(entry=Q(conference=conference_key(reader.account.pk, _one(texts))))


def _conference_status(texts, reader):
    return Asked(refined=Q(status__in=_word(texts, ours(CONFERENCE_STATUSES))))


def _alias(texts, reader):
    return Asked(entry=Q(account=reader.account, alias=_one(texts)))


CALLS: dict[str, Filter] = {
    "active": _active,
    "to": _to,
    "from": _from,
    "status": _call_status,
    "startTime": _started_from,
    "endTime": _ended_until,
    "parentCallId": _parent,
    "applicationId": _application,
    "usedAudioStream": _kept_by_nobody,
    "webRTC": _kept_by_nobody,
    "riskScoreMin": _risk,
    "riskScoreMax": _risk,
}
CALL_RECORDINGS: dict[str, Filter] = {
    "dateCreated": _created_on,
    "startTime": _created_from,
    "endTime": _created_until,
}
CONFERENCE_RECORDINGS = {**CALL_RECORDINGS, "callId": _of_call}
RECORDINGS = {**CONFERENCE_RECORDINGS, "conferenceId": _of_conference}
CONFERENCES: dict[str, Filter] = {
    "status": _conference_status,
    "alias": _alias,
    "dateCreated": _created_on,
    "dateUpdated": _updated_on,
}
PARTICIPANTS: dict[str, Filter] = {
    "talk": _privilege,
    "listen": _privilege,
    "dtmfPassThrough": _privilege,
}
LOGS: dict[str, Filter] = {}
