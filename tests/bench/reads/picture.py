"""A picture of what lines cost as calls grow in number: SVG, for light and dark pages."""

from html import escape
from math import log10
from statistics import median

from .table import ENOUGH, is_flat, told

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 190, 40, 40
TICKS = (2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)  # ms
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #444c56 }
.grid { stroke: #8886; stroke-width: .5 } .bound { stroke: #d1242f; stroke-dasharray: 4 3 }
polyline { fill: none }
.one { stroke: #4c7dd0; stroke-opacity: .22 } .beyond { stroke: #d1242f }
.group { stroke: #1f6f43; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #c9d1d9 } .one { stroke: #79a8f5; stroke-opacity: .3 }
  .group { stroke: #56d364 } .beyond, .bound { stroke: #ff7b72 } }
"""


def drawn(found, sizes) -> str:
    """Thin: the median of each line; thick: the middle one of each group."""
    medians = [one.median for of_sizes in found.values() for one in of_sizes.values()]
    least = max(tick for tick in TICKS if tick <= max(min(medians), TICKS[0]))
    most = min(tick for tick in TICKS if tick >= min(max(medians), TICKS[-1]))
    at = _Places(sizes, least, max(most, least * 2))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>Milliseconds of each line, by the number of calls</title>",
        f"<style>{STYLE}</style>",
        f'<text x="{LEFT}" y="20">median ms of each list, filter, search, page and object,'
        " by the number of calls; thick: the middle of a group</text>",
        *_axes(at, sizes),
    ]
    for of_sizes in found.values():
        parts.append(at.line("one" if is_flat(of_sizes, sizes) else "beyond", of_sizes))
    ends = []
    for group in dict.fromkeys(group for group, _ in found):
        theirs = [of_sizes for (of, _), of_sizes in found.items() if of == group]
        middle = {
            size: median(one[size].median for one in theirs if size in one)
            for size in sizes
            if any(size in one for one in theirs)
        }
        parts.append(at.path("group", middle))
        ends.append((at.y(middle[max(middle)]), group))
    return "\n".join([*parts, *_labels(ends), "</svg>", ""])


class _Places:
    """Where a size and milliseconds lie; both grow by factors."""

    def __init__(self, sizes, least, most):
        self.sizes, self.least, self.most = (min(sizes), max(sizes)), least, most

    def x(self, size):
        least, most = map(log10, self.sizes)
        share = (log10(size) - least) / (most - least) if most > least else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, ms):
        ms = min(max(ms, self.least), self.most)
        share = log10(ms / self.least) / log10(self.most / self.least)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def line(self, kind, of_sizes):
        return self.path(kind, {size: one.median for size, one in of_sizes.items()})

    def path(self, kind, milliseconds):
        points = " ".join(
            f"{self.x(size):.0f},{self.y(ms):.1f}" for size, ms in sorted(milliseconds.items())
        )
        return f'<polyline class="{kind}" points="{points}"/>'


def _axes(at, sizes):
    right = WIDTH - RIGHT
    for tick in TICKS:
        if at.least <= tick <= at.most:
            y, kind = at.y(tick), "grid bound" if tick == ENOUGH else "grid"
            yield f'<line class="{kind}" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:,}</text>'
    for size in sizes:
        yield (
            f'<text x="{at.x(size):.0f}" y="{HEIGHT - 14}" text-anchor="middle">{told(size)}</text>'
        )


def _labels(ends):
    """Beside the ends of their lines, none on another."""
    below = TOP - 20
    for y, group in sorted(ends):
        below = max(y + 4, below + 14)
        yield f'<text x="{WIDTH - RIGHT + 8}" y="{below:.0f}">{escape(group)}</text>'
