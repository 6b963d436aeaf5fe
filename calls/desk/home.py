"""What an ops lead wants to see at nine in the morning. Figures come from the tallies; the queries
are few and do not depend on how many calls there are."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from django.urls import reverse
from django.utils import timezone

from calls.models import Call, Tally
from calls.tallies import Figures, breakdowns, periods
from calls.tallies.reading import BY_ACCOUNT
from calls.templatetags.desk import duration
from calls.viewer import viewer_of

from . import charts
from .breakdowns import Names, Row, by_account, by_agent, by_service_number, by_source, percent
from .call_links import calls_url
from .days import SPANS, Span, last_days, last_hours, midnight, same_time, span
from .live import live_calls, lost_before
from .missed import lines, numbers_of, to_return

ROWS = 8  # of a breakdown
MISSED_ROWS = 8
MISSED_COUNTED = 100  # beyond it "100+"
LIVE_COUNTED = 1000
HOURS, DAYS = 24, 30
TIMES = 9  # more than that more is told as so many times
SERVICE_NUMBER, AGENT = Tally.Dimension.SERVICE_NUMBER, Tally.Dimension.AGENT
BROKEN_DOWN_BY = [BY_ACCOUNT, AGENT, SERVICE_NUMBER]


@dataclass(frozen=True, slots=True)
class Note:
    """A line beneath a figure; the number in it is a link to what it counts."""

    before: str = ""
    number: str = ""
    url: str = ""
    after: str = ""
    arrow: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    value: str
    url: str = ""
    notes: list[Note] = field(default_factory=list)
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A breakdown's first rows."""

    id: str
    title: str
    rows: list[Row]
    more: int
    url: str  # all of them
    url_words: str


def figures(request) -> dict:
    """The context of the home page; nothing for whom calls are no business."""
    if not request.user.has_perm("calls.view_call"):
        return {}
    zone, now = viewer_of(request).zone, timezone.now().replace(microsecond=0)
    today = span("today", now, zone)
    chosen = span(request.GET.get("period", ""), now, zone)
    hours, days = last_hours(now, HOURS, zone), last_days(now, DAYS, zone)
    earlier = [(midnight_before(now, ago, zone), same_time(now, ago, zone)) for ago in (1, 7)]

    (figures_today,) = periods([(today.start, today.end)])
    many = periods([*earlier, *pairwise(hours), *pairwise(days)], waits=False)
    before, by_hour, by_day = many[:2], many[2 : 2 + HOURS], many[2 + HOURS :]
    recent = figures_today.calls or any(one.calls for one in by_day)
    if not recent and not Call.objects.exists():
        return {"home": {"no_calls_yet": True}}
    # Of a month without calls there is nothing to break down.
    parts = dict.fromkeys(BROKEN_DOWN_BY, [])
    if recent:
        parts = breakdowns(BROKEN_DOWN_BY, chosen.start, chosen.end)
    missed = list(to_return(now)[: MISSED_COUNTED + 1])
    names = _names(parts, missed[:MISSED_ROWS])
    return {
        "home": {
            "now": now,
            "zone": zone.key,
            "tiles": _tiles(figures_today, today, before, earlier, now),
            "charts": [charts.hours(hours, by_hour, zone), charts.days(days, by_day, zone)],
            "spans": [_span_link(name, chosen) for name in SPANS],
            "span": chosen,
            "tables": _tables(parts, names, chosen),
            "missed": lines(missed[:MISSED_ROWS], names),
            "missed_count": len(missed),
            "missed_capped": len(missed) > MISSED_COUNTED,
            "missed_counted": MISSED_COUNTED,
        }
    }


def midnight_before(now: datetime, days_ago: int, zone) -> datetime:
    return midnight(now.astimezone(zone).date() - timedelta(days=days_ago), zone)


def _names(parts, missed) -> Names:
    services, agents = numbers_of(missed)
    return Names(
        services + [(account, number) for account, number, _ in parts[SERVICE_NUMBER]],
        agents + [(account, number) for account, number, _ in parts[AGENT][:ROWS]],
    )


def _tiles(one: Figures, today: Span, before, earlier, now) -> list[Tile]:
    def url(**filters):
        return calls_url(today.start, today.end, **filters)

    reached = one.inbound_answered + one.missed
    return [
        Tile(
            "Calls today",
            f"{one.calls:,}",
            url(),
            [
                _compared(one, before[0], earlier[0], "yesterday by now"),
                _compared(one, before[1], earlier[1], "a week ago by now"),
            ],
        ),
        Tile(
            "Answered",
            f"{one.answered:,}",
            url(outcome="answered"),
            [_of(one.answered, one)],
            kind="ok",
        ),
        Tile(
            "Missed", f"{one.missed:,}", url(outcome="missed"), [_of(one.missed, one)], kind="bad"
        ),
        Tile(
            "Failed", f"{one.failed:,}", url(outcome="failed"), [_of(one.failed, one)], kind="warn"
        ),
        Tile(
            "Answer rate",
            percent(one.answer_rate),
            notes=[
                Note(
                    number=f"{one.inbound_answered:,}",
                    url=url(direction="inbound", outcome="answered"),
                    after=f" of {reached:,} inbound",
                )
            ],
        ),
        Tile(
            "Time to answer",
            _seconds(one.median_wait),
            url(direction="inbound", outcome="answered"),
            notes=[Note(before=f"median; 90 % within {_seconds(one.p90_wait)}")],
        ),
        Tile(
            "Talk time",
            duration(one.talk_seconds),
            url(outcome="answered"),
            [Note(before="of all answered calls")],
        ),
        _live(now),
    ]


def _live(now) -> Tile:
    living = live_calls().filter(begun_at__gte=lost_before())
    count = living.values("pk")[: LIVE_COUNTED + 1].count()
    value = f"{LIVE_COUNTED:,}+" if count > LIVE_COUNTED else f"{count:,}"
    return Tile("Live now", value, reverse("admin:live"), [Note(before="on the board")], "live")


def _compared(one: Figures, before: Figures, period, words: str) -> Note:
    number, url = f"{before.calls:,}", calls_url(*period)
    if not before.calls:
        return Note(number=number, url=url, after=f" {words}")
    change = (one.calls - before.calls) / before.calls
    if not one.calls - before.calls:
        return Note("as many as ", number, url, f" {words}", "=")
    if change >= TIMES:
        return Note(f"{change + 1:,.0f} times ", number, url, f" {words}", "↑")
    more = "more than" if change > 0 else "fewer than"
    arrow = "↑" if change > 0 else "↓"
    return Note(f"{_share(abs(change))} {more} ", number, url, f" {words}", arrow)


def _share(change: float) -> str:
    return "less than 1 %" if change < 0.01 else f"{change * 100:,.0f} %"


def _of(count: int, one: Figures) -> Note:
    return Note(before=f"{percent(count / one.calls)} of today's" if one.calls else "no calls yet")


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else duration(round(seconds))


def _span_link(name: str, chosen: Span) -> dict:
    return {"name": name, "words": SPANS[name][1], "on": name == chosen.name}


def _tables(parts, names: Names, chosen: Span) -> list[Table]:
    sources = f"{reverse('admin:sources')}?period={chosen.name}"
    numbers = parts[SERVICE_NUMBER]
    whole = [
        ("account", "By account", by_account(parts[BY_ACCOUNT], names, chosen), "", ""),
        ("source", "By source", by_source(numbers, names, chosen), sources, "All sources"),
        (
            "agent",
            "By agent",
            by_agent(parts[AGENT][:ROWS], names, chosen),
            reverse("admin:calls_agent_changelist"),
            "All agents",
        ),
        (
            "service_number",
            "By service number",
            by_service_number(numbers[:ROWS], names, chosen),
            sources,
            "All service numbers",
        ),
    ]
    several = {"agent": len(parts[AGENT]), "service_number": len(numbers)}
    return [
        Table(id, title, rows[:ROWS], several.get(id, len(rows)) - len(rows[:ROWS]), url, words)
        for id, title, rows, url, words in whole
    ]
