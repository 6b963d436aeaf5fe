"""The filter in force, in words, each with the address without it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from calls.choices import AnsweredBy, Direction, Provider, Status
from calls.desk.periods import Period
from calls.filtersets.filters import OutcomeFilter
from calls.filtersets.offered import Offer
from calls.templatetags.desk import duration


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    words: str
    url: str  # of the list without it


LABELS = {
    "period": "",
    "since": "From",
    "until": "To",
    "begun_at__gte": "From",
    "begun_at__lt": "Before",
    "account": "Account",
    "provider": "Provider",
    "provider_call_id": "Provider's call id",
    "direction": "",
    "status": "",
    "outcome": "",
    "answered_by": "Answered by",
    "agent": "Agent",
    "group": "Group",
    "service_number": "Service number",
    "source": "Source",
    "customer_of": "Customer",
    "duration_min": "Lasted at least",
    "duration_max": "Lasted at most",
    "talk_min": "Talked at least",
    "talk_max": "Talked at most",
    "tag": "Tag",
    "disposition": "Disposition",
}
# Yes or no, in words.
EITHER = {
    "live": ("Live now", "Over"),
    "missed": ("Missed", "Not missed"),
    "flagged": ("Looks wrong", "Nothing looks wrong"),
    "has_recording": ("With a recording", "Without a recording"),
    "in_conference": ("In a conference", "In no conference"),
}
_WORDS = {
    "period": dict(Period.choices),
    "provider": dict(Provider.choices),
    "direction": dict(Direction.choices),
    "status": dict(Status.choices),
    "outcome": dict(OutcomeFilter.labels),
    "answered_by": dict(AnsweredBy.choices),
    "parent": "Dialled by one call",
    "conference": "In one conference",
}


def chips(filtered) -> list[Chip]:
    found = []
    if filtered.found.restriction is not None or filtered.found.problem:
        words = filtered.found.words or "nothing found"
        found.append(Chip("Search", words, f"?{filtered.query(without=['q'])}"))
    for name, value in filtered.filterset.in_force.items():
        several = value if isinstance(value, list) else [value]
        for one in several:
            rest = [str(other) for other in several if other != one]
            url = filtered.query(**{name: rest}) if rest else filtered.query(without=[name])
            found.append(Chip(LABELS.get(name, ""), _in_words(name, one, filtered), f"?{url}"))
    return found


def _clock(moment: datetime) -> str:
    try:
        moment = timezone.localtime(moment)
    except OverflowError:  # there is no such day in the viewer's time zone
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"{moment:%Y-%m-%d %H:%M}"


def _in_words(name: str, value, filtered) -> str:
    viewer = filtered.viewer
    if name in EITHER:
        return EITHER[name][0 if value else 1]
    if name == "customer_of":
        return viewer.number(value)
    words = _WORDS.get(name)
    if words is not None:
        return words if isinstance(words, str) else words[value]
    if isinstance(value, Offer):
        return value.words(viewer)
    if isinstance(value, datetime):
        return _clock(value)
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int):
        return duration(value)
    return viewer.text(str(value))
