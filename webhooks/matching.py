"""Which deliveries somebody asks for: read from an address, kept as a job's arguments, answered by
an index."""

import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, localtime, make_aware, now

from calls.choices import Provider
from calls.keys import call_key, conference_key
from calls.models import Account
from calls.sizes import is_big

from .models import Delivery, Endpoint, State
from .providers.values import storable

LONGEST = timedelta(days=31)
PERIODS = {
    "today": "Today",
    "yesterday": "Yesterday",
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
}
_SPANS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
MOST_ACCOUNTS = 100  # whose ids a provider's id of a call is tried with

# What varies between deliveries that have the same thing wrong with them.
_VARIABLE = re.compile(r"[0-9A-Za-z+]*\d[\w.:+-]*")
_QUOTED = re.compile(r"(?:unread numbers|bad times): .*?(?=; |$)")
_ANY = "…"


def what_is_wrong(reason: str) -> str:
    """A reason without the ids, numbers and values that differ from one delivery to the next."""
    line = reason.partition("\n")[0]
    line = _QUOTED.sub(lambda found: re.sub(r'"[^"]*"', f'"{_ANY}"', found[0]), line)
    return _VARIABLE.sub(_ANY, line)[:300]


def pattern(wrong: str) -> str:
    """What `what_is_wrong` said as a regular expression that both databases read alike."""
    return "^" + ".*".join(re.escape(part) for part in wrong.split(_ANY))


@dataclass(frozen=True, slots=True)
class Matching:
    """`since` belongs to it, `until` does not. `wrong` is what `what_is_wrong` says of them."""

    state: str = ""
    provider: str = ""
    endpoint: str = ""
    kind: str = ""
    subject: str = ""
    wrong: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def from_arguments(cls, arguments: dict) -> "Matching":
        times = {
            n: datetime.fromisoformat(arguments[n]) for n in ("since", "until") if n in arguments
        }
        known = {one.name for one in fields(cls)}
        return cls(**{n: v for n, v in arguments.items() if n in known} | times)

    def arguments(self) -> dict:
        """As JSON, for a job."""
        given = {name: value for name, value in asdict(self).items() if value}
        return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in given.items()}

    def before(self, moment: datetime) -> "Matching":
        return replace(self, until=min(self.until, moment) if self.until else moment)

    @property
    def refined(self) -> bool:
        """By something that has no index of its own."""
        return bool(self.provider or self.endpoint or self.kind or self.wrong)

    @property
    def too_wide(self) -> bool:
        """Would it have to read more of a big table than anybody waits for?"""
        if not self.refined or self.subject:
            return False
        bounded = self.since and (self.until or now()) - self.since <= LONGEST
        return not bounded and is_big(Delivery)

    def indexed(self) -> QuerySet:
        """What the index answers: a superset."""
        found = Delivery.objects.all()
        if self.subject:
            found = found.filter(subject=self.subject)
        if self.state:
            found = found.filter(state=self.state)
        if self.since:
            found = found.since(self.since)
        if self.until:
            found = found.before(self.until)
        return found

    def refine(self, found: QuerySet) -> QuerySet:
        for name in ("provider", "kind"):
            if value := getattr(self, name):
                found = found.filter((name, value))
        if self.endpoint:
            found = found.filter(endpoint_id=self.endpoint)
        if self.wrong:
            found = found.filter(reason__regex=pattern(self.wrong))
        return found

    def queryset(self) -> QuerySet:
        return self.refine(self.indexed())


def from_query(query) -> tuple[Matching, list[str]]:
    """What an address asks for, and what in it makes no sense, in words."""
    wrong = []

    def chosen(name, known, noun):
        value = (
            query.get(name) or query.get(f"{name}__exact") or query.get(f"{name}__id__exact") or ""
        )
        if value and not known(value):
            wrong.append(f"{storable(value, 40)!r} is no {noun}.")
            return ""
        return value

    like = chosen("like", _is_uuid, "delivery's id")
    reason = (
        Delivery.objects.filter(pk=like).values_list("reason", flat=True).first() if like else ""
    )
    if like and not reason:
        wrong.append("The delivery that these should be like is gone, or has no reason now.")
    since, until = period(query.get("period") or "")
    for name in ("from", "to"):
        text = query.get(name) or ""
        moment = read_moment(text, end=name == "to")
        if text and moment is None:
            wrong.append(f"{storable(text, 40)!r} is no date or time.")
        since, until = (moment or since, until) if name == "from" else (since, moment or until)
    if since and until and since >= until:
        wrong.append("The period ends before it begins.")
    return Matching(
        state=chosen("state", State.values.__contains__, "state"),
        provider=chosen("provider", Provider.values.__contains__, "provider"),
        endpoint=chosen("endpoint", _is_uuid, "endpoint's id"),
        kind=storable((query.get("kind") or query.get("kind__exact") or "").strip(), 64),
        subject=chosen("subject", _is_uuid, "id of a call or conference"),
        wrong=what_is_wrong(reason or ""),
        since=since,
        until=until,
    ), wrong


def period(name: str) -> tuple[datetime | None, datetime | None]:
    """In the time zone that is active: the viewer's."""
    if name in _SPANS:
        return now() - _SPANS[name], None
    midnight = localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if name == "today":
        return midnight, None
    if name == "yesterday":
        return (midnight - timedelta(hours=12)).replace(hour=0), midnight
    return None, None


def read_moment(text: str, *, end: bool) -> datetime | None:
    """A time, or a date: its first moment, at the end of a period the next one's."""
    try:
        if day := parse_date(text):
            moment = datetime.combine(day, time.min) + timedelta(days=end)
        else:
            moment = parse_datetime(text)
        return make_aware(moment) if moment and is_naive(moment) else moment
    except (ValueError, OverflowError):
        return None


def searched(typed: str) -> Q:
    """The deliveries of an id: their own, or ours or the provider's of a call or conference."""
    accounts = Account.objects.values_list("id", flat=True)[:MOST_ACCOUNTS]
    subjects = [key(one, typed) for one in accounts for key in (call_key, conference_key)]
    if _is_uuid(typed):
        return Q(pk=typed) | Q(subject__in=[typed, *subjects])
    return Q(subject__in=subjects)


def endpoint_choices() -> list[tuple[str, str]]:
    rows = Endpoint.objects.select_related("account")
    return [(str(one.pk), f"{one} · {one.account.get_provider_display()}") for one in rows]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
