"""What each list, filter, search, page and the API cost as calls grow: 10 thousand, 1, 10 million.

A process per database asks the application in itself; all take turns, so that what else the
machine does slows all of them alike. Each value of a line was asked for once before it is timed.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psycopg

from tests import server
from tests.bench import about, servers

from . import picture, table

SIZES = (10_000, 1_000_000, 10_000_000)
PICTURE = Path(__file__).with_name("cost.svg")
LOOKED = 6  # values of a line whose queries are counted and explained


def arguments(parser):
    add = parser.add_argument
    add(
        "--sizes",
        nargs="+",
        type=servers.number(1_000),
        default=SIZES,
        metavar="CALLS",
        help="How many calls.",
    )
    add(
        "--at",
        action="append",
        default=[],
        metavar="CALLS=URL",
        help="A PostgreSQL database that `manage.py fill` has filled with so many. Others are made"
        " here; ten million take hours and 30 GB.",
    )
    servers.keeping(parser)
    add(
        "--times",
        type=servers.number(1),
        default=15,
        help="How often each line is asked, with so many values (15).",
    )
    add("--only", default="", help="Lines whose group or name contains this.")
    add("--plans", type=Path, metavar="FILE", help="Where the plans of slow queries go (stderr).")
    add("--picture", type=Path, metavar="FILE", help="Where a picture goes (SVG).")


@dataclass
class Measured:
    """A line at one size. Milliseconds of the clock, and of Python's own work."""

    took: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    queries: int = 0
    slow: dict[str, tuple[float, str]] = field(default_factory=dict)

    @property
    def median(self):
        return median(self.took)

    @property
    def p95(self):
        return sorted(self.took)[min(int(len(self.took) * 0.95), len(self.took) - 1)]


def run(options) -> str:
    """Raises ValueError for options that make no sense."""
    if options.write_readme and options.only:
        raise ValueError("--write-readme takes all lines: it replaces the whole table")
    given = dict(pair(text) for text in options.at)
    for size, url in given.items():
        try:
            servers.query(url, "SELECT 1")
        except psycopg.Error as error:
            raise ValueError(f"{size:,}: {str(error).strip().splitlines()[0]}") from error
    sizes = sorted({*options.sizes} | given.keys())
    with contextlib.ExitStack() as stack:
        urls = given | _made([size for size in sizes if size not in given], options, stack)
        askers = {
            size: stack.enter_context(running_asker(urls[size], options.times)) for size in sizes
        }
        found = measured(askers, options)
        version, settings = servers.asked(urls[sizes[-1]])
        machine = about.machine(settings, options.command, version)
    if not found:
        raise ValueError(f"no line's name contains {options.only!r}")
    _tell_plans(found, options.plans)
    if path := options.picture or (PICTURE if options.write_readme else None):
        path.write_text(picture.drawn(found, sizes))
    told = table.markdown(found, sizes, options.times, machine)
    if options.write_readme:
        shown = PICTURE.relative_to(server.ROOT).as_posix()
        told += f"\n\n![Milliseconds of each line, by the number of calls]({shown})"
    return told


def pair(text):
    calls, equals, url = text.partition("=")
    if not (equals and calls.replace("_", "").isdecimal()):
        raise ValueError(f"{text!r} is not CALLS=URL")
    return int(calls), url


def _made(sizes, options, stack):
    """Size → URL of a database of our own, migrated as the code is now."""
    if not sizes:
        return {}
    own = stack.enter_context(servers.own_postgres(options.keep))
    urls = {}
    for size in sizes:
        url = stack.enter_context(servers.copy(own, servers.filled(own, size)))
        servers.manage(url, "migrate", "--verbosity", "0")
        servers.execute(url, "VACUUM ANALYZE")
        urls[size] = url
    return urls


class Asker:
    """A process that asks on one database."""

    def __init__(self, process):
        self.process = process
        self.lines = [tuple(line) for line in self._heard()]
        self.index = {(group, name): i for i, (group, name, _) in enumerate(self.lines)}
        self.turns = {(group, name): count for group, name, count in self.lines}

    def ask(self, line, what, turn):
        question = json.dumps([self.index[line], what, turn % self.turns[line]])
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return self._heard()

    def _heard(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the process that asks has ended, see above")
        return json.loads(line)


@contextlib.contextmanager
def running_asker(url, times):
    with tempfile.TemporaryDirectory() as data_dir:
        process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.asking", str(times)],
            cwd=server.ROOT,
            env=server.environment(data_dir, url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Asker(process)
        finally:
            process.stdin.close()  # it takes its user and key away and ends
            process.wait()
            process.stdout.close()


def measured(askers, options):
    """(group, name) → size → Measured, told line by line."""
    found = defaultdict(dict)
    largest = askers[max(askers)]
    servers.say(table.head(askers))
    for line in [(group, name) for group, name, count in largest.lines if count]:
        if options.only.lower() not in ", ".join(line).lower():
            continue
        there = {size: one for size, one in askers.items() if one.turns.get(line)}
        found[line] = {size: Measured() for size in there}
        for what in ("warm", "time"):
            for turn in range(options.times):
                for size, asker in there.items():
                    took, own = asker.ask(line, "ask", turn)
                    if what == "time":
                        found[line][size].took.append(took)
                        found[line][size].own.append(own)
        for size, asker in there.items():
            one = found[line][size]
            for turn in range(0, options.times, max(options.times // LOOKED, 1)):
                queries, slow = asker.ask(line, "look", turn)
                one.queries = max(one.queries, queries)
                one.slow = slow | one.slow
        servers.say(table.row(line, found[line], askers))
    return found


def _tell_plans(found, path):
    told = [
        f"\n== {group}, {name}, {size:,} calls: {took:.0f} ms\n{text}"
        for (group, name), of_sizes in found.items()
        for took, text in of_sizes[max(of_sizes)].slow.values()
        for size in [max(of_sizes)]
    ]
    told = "\n".join(told) or "no query took long"
    if path:
        path.write_text(told + "\n")
    else:
        servers.say(told)
