"""The filter's form: what it offers and what is chosen, and the shortcuts above the list."""

from dataclasses import dataclass, field

from calls.choices import AnsweredBy, Direction, Provider, Status
from calls.desk.periods import Period
from calls.filtersets.filters import OutcomeFilter

from .chips import EITHER, LABELS


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One input: `kind` is select, several (checkboxes), day, length or text."""

    name: str
    label: str
    kind: str
    value: str = ""
    options: list[Option] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def wide(self) -> bool:
        return self.name in _WIDE


@dataclass(frozen=True, slots=True)
class Shortcut:
    words: str
    url: str
    on: bool


# What the panel shows, in groups. All other filters in force are kept as hidden inputs.
_GROUPS = {
    "When": [("period", "Period", "select"), ("since", "From", "day"), ("until", "To", "day")],
    "How long": [
        ("duration_min", "Lasted at least", "length"),
        ("duration_max", "Lasted at most", "length"),
        ("talk_min", "Talked at least", "length"),
        ("talk_max", "Talked at most", "length"),
    ],
    "What": [
        ("direction", "Direction", "several"),
        ("status", "Status", "several"),
        ("outcome", "Outcome", "select"),
        ("live", "Live", "select"),
        ("missed", "Missed", "select"),
        ("flagged", "Looks wrong", "select"),
        ("provider", "Provider", "several"),
    ],
    "Who": [
        ("service_number", "Service number", "select"),
        ("source", "Source", "select"),
        ("agent", "Agent", "select"),
        ("group", "Group", "text"),
        ("answered_by", "Answered by", "several"),
    ],
    "Details": [
        ("account", "Account", "select"),
        ("has_recording", "Recording", "select"),
        ("in_conference", "Conference", "select"),
        ("tag", "Tag", "select"),
        ("disposition", "Disposition", "select"),
    ],
}
_WIDE = {"period", "account"}  # the whole width of their group
SHOWN = {name for fields in _GROUPS.values() for name, _, _ in fields}
_CHOICES = {
    "period": Period.choices,
    "outcome": OutcomeFilter.labels,
    "direction": Direction.choices,
    "status": Status.choices,
    "answered_by": AnsweredBy.choices,
    "provider": Provider.choices,
}
_PICKED = ("account", "service_number", "agent", "tag", "disposition")


def groups(filtered) -> list[tuple[str, list[Field]]]:
    return [
        (title, [_field(filtered, *one) for one in fields]) for title, fields in _GROUPS.items()
    ]


def _field(filtered, name: str, label: str, kind: str) -> Field:
    given = filtered.params.getlist(name)
    options = [
        Option(value, words, value in given) for value, words in _options(filtered, name, given)
    ]
    if kind == "select":
        options.insert(0, Option("", "Any", not any(option.chosen for option in options)))
    errors = list(filtered.form.errors.get(name, ()))
    return Field(name, label, kind, given[-1] if given else "", options, errors)


def _options(filtered, name: str, given: list[str]) -> list[tuple[str, str]]:
    if name in EITHER:
        yes, no = EITHER[name]
        return [("true", yes), ("false", no)]
    if name in _PICKED:
        offers = filtered.offered.of(name)
        chosen = filtered.form.cleaned_data.get(name)
        if chosen and chosen not in offers:
            offers = [*offers, chosen]
        return [(str(offer.id), offer.words(filtered.viewer)) for offer in offers]
    if name == "source":
        seen = {one for one in filtered.offered.sources() if filtered.viewer.text(one) == one}
        return [(source, source) for source in sorted({*seen, *given} - {""})]
    return _CHOICES.get(name, [])


def hidden(filtered) -> list[tuple[str, str]]:
    """What the form keeps without showing it: parameters that only links set."""
    return [
        (name, value)
        for name in filtered.filterset.in_force
        if name not in SHOWN
        for value in filtered.params.getlist(name)
    ]


_PERIOD_NAMES = ("period", "since", "until", "begun_at__gte", "begun_at__lt")
_WHAT_NAMES = ("outcome", "missed", "live", "flagged")


def shortcuts(filtered) -> list[tuple[str, list[Shortcut]]]:
    """One click for what is asked most: a period, and what became of the calls."""
    given = filtered.params
    any_period = not any(given.get(name) for name in _PERIOD_NAMES)
    any_outcome = not any(given.get(name) for name in _WHAT_NAMES)
    periods = [Shortcut("Any time", _url(filtered, _PERIOD_NAMES), any_period)]
    for value, words in list(Period.choices)[:4]:
        url = _url(filtered, _PERIOD_NAMES, period=value)
        periods.append(Shortcut(words, url, given.get("period") == value))
    outcomes = [Shortcut("All", _url(filtered, _WHAT_NAMES), any_outcome)]
    for name, value, words in (
        ("outcome", "answered", "Answered"),
        ("outcome", "missed", "Missed"),
        ("outcome", "failed", "Failed"),
        ("live", "true", "Live"),
        ("flagged", "true", "Looks wrong"),
    ):
        url = _url(filtered, _WHAT_NAMES, **{name: value})
        outcomes.append(Shortcut(words, url, given.get(name) == value))
    return [("Period", periods), ("Outcome", outcomes)]


def _url(filtered, without, **changed) -> str:
    return f"?{filtered.query(without=without, **changed)}"


def faults(filtered) -> list[tuple[str, str, str]]:
    """Of filters that only links set: label, what is wrong, the address without it."""
    return [
        (LABELS.get(name) or name, " ".join(errors), _url(filtered, [name]))
        for name, errors in filtered.form.errors.items()
        if name not in SHOWN
    ]
