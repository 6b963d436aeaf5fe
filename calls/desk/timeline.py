"""A picture of when things happened: lanes of bars on one axis. Places are worked out here, in
percent of the width, and drawn by `desk/timeline.html`."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.timezone import localtime

MOST_LANES = 50
MOST_DOTS = 100
_TICKS = 5
_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200]
_DAY = 86_400
_AROUND = 0.25  # how far beyond the bars, in their length, a dot still widens the axis
# In pixels.
TOP, LANE, BAR = 26, 42, 14


@dataclass(slots=True)
class Span:
    kind: str  # of KINDS
    start: datetime
    end: datetime
    open: bool = False  # still going on
    x: float = 0
    width: float = 0

    @property
    def seconds(self):
        return max(0, int((self.end - self.start).total_seconds()))

    @property
    def name(self):
        return KINDS[self.kind]


KINDS = {
    "ring": "Ringing",
    "talk": "Connected",
    "either": "Ringing, then connected",
    "conference": "In conference",
    "recording": "Recording",
}


@dataclass(slots=True)
class Lane:
    label: str
    spans: list[Span] = field(default_factory=list)
    url: str = ""
    note: str = ""
    y: int = 0

    @property
    def bar_y(self):
        return self.y + 19


@dataclass(slots=True)
class Dot:
    at: datetime
    label: str
    x: float = 0
    outside: bool = False  # of the axis: drawn at its edge


@dataclass(slots=True)
class Tick:
    x: float
    label: str
    anchor: str


@dataclass(slots=True)
class Picture:
    lanes: list[Lane]
    dots: list[Dot]
    ticks: list[Tick]
    start: datetime
    end: datetime
    hidden: int  # lanes that are not drawn
    dots_hidden: int
    height: int
    day: str

    @property
    def dots_y(self):
        return self.height - 22

    @property
    def grid_end(self):
        return self.height - 8

    @property
    def one_day(self):
        return localtime(self.start).date() == localtime(self.end).date()

    @property
    def kinds(self):
        """For the legend."""
        there = {span.kind for lane in self.lanes for span in lane.spans}
        return [(kind, name) for kind, name in KINDS.items() if kind in there]

    @property
    def description(self):
        """The picture in words, for those who do not see it."""
        said = []
        for lane in self.lanes:
            spans = "; ".join(
                f"{span.name.lower()} from {_clock(span.start)} "
                + ("on, still going on" if span.open else f"to {_clock(span.end)}")
                for span in lane.spans
            )
            said.append(f"{lane.label}: {spans or lane.note or 'no times known'}.")
        if self.dots:
            said.append(f"{len(self.dots)} events.")
        return " ".join(said)


def connection_spans(
    *, started, answered, ended, live, now, over_at=None, reached=False
) -> list[Span]:
    """Ringing, then talking. An end that nobody told is the call's end, or now while it lives.
    `reached`: it was answered, whether or not anybody said when."""
    end = ended or over_at or (now if live else None)
    still = live and not (ended or over_at)
    spans = []
    if started and (until := answered or end) and until >= started:
        kind = "either" if reached and not answered else "ring"
        spans.append(Span(kind, started, until, still and not answered))
    elif started and not answered:
        spans.append(Span("ring", started, started))
    if answered:
        spans.append(Span("talk", answered, max(answered, end or answered), still))
    if not spans and ended:
        spans.append(Span("ring", ended, ended))
    return spans


def draw(lanes: list[Lane], dots: list[Dot]) -> Picture | None:
    """None where nothing has a time."""
    hidden = max(0, len(lanes) - MOST_LANES)
    lanes = lanes[:MOST_LANES]
    dots = sorted(dots, key=lambda dot: dot.at)
    dots_hidden = max(0, len(dots) - MOST_DOTS)
    dots = dots[:MOST_DOTS]
    ends = _bounds(lanes, dots)
    if ends is None:
        return None
    start, end = ends
    length = (end - start).total_seconds()

    def place(moment):
        return round(min(100.0, max(0.0, (moment - start).total_seconds() / length * 100)), 3)

    for number, lane in enumerate(lanes):
        lane.y = TOP + number * LANE
        for span in lane.spans:
            span.x = place(span.start)
            span.width = round(max(0.5, place(span.end) - span.x), 3)
            span.x = min(span.x, 99.5)
    for dot in dots:
        dot.outside = not start <= dot.at <= end
        dot.x = min(99.2, max(0.8, place(dot.at)))
    height = TOP + len(lanes) * LANE + (34 if dots else 10)
    return Picture(
        lanes,
        dots,
        _ticks(start, length, place),
        start,
        end,
        hidden,
        dots_hidden,
        height,
        f"{localtime(start):%Y-%m-%d}",
    )


def _bounds(lanes, dots):
    moments = [one for lane in lanes for span in lane.spans for one in (span.start, span.end)]
    own = bool(moments)
    moments = moments or [dot.at for dot in dots]
    if not moments:
        return None
    start, end = min(moments), max(moments)
    if own:
        around = max((end - start) * _AROUND, timedelta(seconds=3))
        near = [dot.at for dot in dots if start - around <= dot.at <= end + around]
        start, end = min([start, *near]), max([end, *near])
    if end - start < timedelta(seconds=4):  # a moment: give it some room
        start, end = start - timedelta(seconds=1), end + timedelta(seconds=3)
    margin = (end - start) * 0.01
    return start - margin, end + margin


def _ticks(start, length, place):
    step = next((step for step in _STEPS if length / step <= _TICKS), None)
    if step is None:
        step = _DAY * max(1, -(-int(length) // (_DAY * _TICKS)))
    local = localtime(start)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    since = (start - midnight).total_seconds()
    first = -(-since // step) * step
    ticks = []
    while first <= since + length:
        moment = midnight + timedelta(seconds=first)
        x = place(moment)
        anchor = "start" if x < 6 else "end" if x > 94 else "middle"
        ticks.append(Tick(x, _label(localtime(moment), step, length), anchor))
        first += step
    return ticks


def _label(moment, step, length):
    if step >= _DAY:
        return f"{moment:%d %b}"
    if length > _DAY:
        return f"{moment:%d %b %H:%M}"
    return f"{moment:%H:%M}" if step >= 60 else f"{moment:%H:%M:%S}"


def _clock(moment):
    return f"{localtime(moment):%H:%M:%S}"
