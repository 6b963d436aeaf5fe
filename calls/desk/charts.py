"""Bar charts as SVG, drawn on the server. Places across are in percent, so that a chart fits any
width and its words keep their size; places down are in pixels."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calls.tallies import Figures

from .call_links import calls_url

PLOT = 150  # pixels from the base line to the highest tick
TOP = 8
FOOT = 22  # for the labels beneath
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Part:
    kind: str  # answered, missed, other: its colour
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Bar:
    name: str  # when, in words
    label: str  # on the axis, if any
    figures: Figures
    other: int
    url: str
    x: str
    width: str
    middle: str
    left: str
    space: str
    parts: list[Part]

    @property
    def title(self) -> str:
        one = self.figures
        return (
            f"{self.name}: {one.calls:,} calls, {one.answered:,} answered, "
            f"{one.missed:,} missed, {self.other:,} other"
        )


@dataclass(frozen=True, slots=True)
class Tick:
    y: str
    text_y: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    id: str
    title: str
    unit: str  # what a bar is: hour, day
    bars: list[Bar]
    ticks: list[Tick]
    summary: str
    height: int = TOP + PLOT + FOOT
    base: int = TOP + PLOT
    label_y: int = TOP + PLOT + 16
    top: int = TOP
    plot: int = PLOT

    @property
    def is_empty(self) -> bool:
        return not any(bar.figures.calls for bar in self.bars)


def hours(bounds: list[datetime], figures: list[Figures], zone: ZoneInfo) -> Chart:
    """Each third bar is labelled with its hour."""

    def name(start, end):
        return f"{_local(start, zone):%a %H:%M} to {_local(end, zone):%H:%M}"

    def label(place, start):
        local = _local(start, zone)
        return "" if place % 3 else f"{local:%H:%M}" if local.minute else f"{local:%H}"

    return _chart("hours", "Last 24 hours", "hour", bounds, figures, name, label)


def days(bounds: list[datetime], figures: list[Figures], zone: ZoneInfo) -> Chart:
    """Mondays are labelled."""

    def name(start, end):
        return f"{_local(start, zone):%a %d %b}"

    def label(place, start):
        local = _local(start, zone)
        return f"{local.day} {local:%b}" if local.weekday() == 0 else ""

    return _chart("days", f"Last {len(figures)} days", "day", bounds, figures, name, label)


def highest_tick(most: int) -> tuple[int, int]:
    """The step between ticks and the highest one: round numbers, at most five steps."""
    size = 1
    while True:
        for step in STEPS:
            if step * size * 5 >= most:
                return step * size, max(-(-most // (step * size)), 1) * step * size
        size *= 10


def _chart(id, title, unit, bounds, figures, name, label) -> Chart:
    step, top = highest_tick(max((one.calls for one in figures), default=0))
    space = 100 / max(len(figures), 1)
    bars = []
    for place, one in enumerate(figures):
        start, end = bounds[place], bounds[place + 1]
        other = max(one.calls - one.answered - one.missed, 0)
        bars.append(
            Bar(
                name=name(start, end),
                label=label(place, start),
                figures=one,
                other=other,
                url=calls_url(start, end),
                x=_percent(place * space + space * 0.14),
                width=_percent(space * 0.72),
                middle=_percent((place + 0.5) * space),
                left=_percent(place * space),
                space=_percent(space),
                parts=_parts(one, other, top),
            )
        )
    ticks = [
        Tick(f"{_y(value, top):.1f}", f"{_y(value, top) + 4:.1f}", f"{value:,}")
        for value in range(0, top + 1, step)
    ]
    return Chart(id, title, unit, bars, ticks, _summary(bars, unit))


def _parts(one: Figures, other: int, top: int) -> list[Part]:
    """From the base line up: answered, missed, other."""
    parts, below = [], 0
    for kind, count in (("answered", one.answered), ("missed", one.missed), ("other", other)):
        if count:
            height = count / top * PLOT
            parts.append(Part(kind, f"{_y(below + count, top):.1f}", f"{height:.1f}"))
        below += count
    return parts


def _y(value: int, top: int) -> float:
    return TOP + PLOT - value / top * PLOT


def _percent(value: float) -> str:
    return f"{value:.3f}%"


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone)


def _summary(bars: list[Bar], unit: str) -> str:
    """The picture in words."""
    calls = sum(bar.figures.calls for bar in bars)
    if not calls:
        return "No calls."
    most = max(bars, key=lambda bar: bar.figures.calls)
    answered = sum(bar.figures.answered for bar in bars)
    missed = sum(bar.figures.missed for bar in bars)
    return (
        f"{calls:,} calls, {answered:,} answered, {missed:,} missed; "
        f"most in one {unit}: {most.figures.calls:,} ({most.name})."
    )
