"""How fast calls are made anew from the inbox, and how much memory it takes.

Deliveries of whole call lives of both providers are stored as the door would have, then folded into
tables that are empty, right, or spoiled, each time by a process of its own.
"""

import json
import tempfile
from pathlib import Path
from time import perf_counter

import psycopg

from tests.bench import about, cpu, servers

# What the tables are before, what is done with them, and how the line is called.
ROUNDS = [
    ("empty", "rebuild", "into empty tables"),
    ("as they are", "rebuild", "over tables that are right"),
    ("spoiled", "rebuild", "over tables of which a tenth is spoiled"),
    ("as they are", "verify", "`--verify`"),
]
HEAD = (
    "| | deliveries a second | s of reading | of merging | CPU µs per delivery: Python"
    " | PostgreSQL | rows written | memory grown by | scratch file |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)


def arguments(parser):
    parser.add_argument("--deliveries", type=servers.number(100), default=1_000_000)
    parser.add_argument("--sqlite", action="store_true", help="On SQLite as well, filled anew.")
    servers.keeping(parser)


def run(options) -> str:
    parts = []
    with servers.own_postgres(options.keep) as own:
        original = filled(own, options.deliveries)
        with servers.copy(own, original) as url:
            servers.manage(url, "migrate", "--verbosity", "0")
            title = f"**Rebuild from {options.deliveries:,} deliveries: PostgreSQL**"
            parts += [title, table(measured(url))]
    if options.sqlite:
        with tempfile.TemporaryDirectory() as directory:
            url = f"sqlite:///{directory}/bench.sqlite3"
            fill(url, options.deliveries)
            parts += ["**The same: SQLite**", table(measured(url))]
    return "\n\n".join([*parts, about.machine(servers.SETTINGS_TOLD, options.command)]) + "\n"


def filled(own, deliveries):
    """The URL of a database that holds so many deliveries and nothing else; kept."""
    name, unfinished = f"deliveries_{deliveries}", f"delivering_{deliveries}"
    if not servers.exists(own, name):
        servers.create(own, unfinished)
        fill(servers.at(own, unfinished), deliveries)
        servers.execute(servers.at(own, unfinished), "VACUUM ANALYZE")
        servers.execute(own, f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return servers.at(own, name)


def fill(url, deliveries):
    servers.say(f"storing {deliveries:,} deliveries, once")
    begun = perf_counter()
    servers.manage(url, "migrate", "--verbosity", "0")
    inside(url, "fill", deliveries)
    servers.say(f"stored in {perf_counter() - begun:,.0f} s")


def measured(url):
    """[(name of the line, what `inside` found, CPU seconds of the database)]."""
    found = []
    for before, action, name in ROUNDS:
        inside(url, "prepare", before)
        of_database = database_cpu(url)
        told = inside(url, action)
        rate = told["deliveries"] / told["seconds"]
        servers.say(f"{name}: {rate:,.0f} a second, {told['megabytes']:,.0f} MB")
        found.append((name, told, database_cpu(url) - of_database))
    if found[-1][1]["differences"]:
        raise RuntimeError("after a rebuild the tables differ from what the deliveries say")
    return found


def table(found):
    lines = list(HEAD)
    for name, told, of_database in found:
        each = 1_000_000 / told["deliveries"]
        cells = [
            name,
            f"{told['deliveries'] / told['seconds']:,.0f}",
            f"{told['reading']:,.0f}",
            f"{told['seconds'] - told['reading']:,.0f}",
            f"{told['cpu'] * each:,.0f}",
            f"{of_database * each:,.0f}" if of_database else "",
            f"{told['written']:,}",
            f"{told['megabytes']:,.0f} MB",
            f"{told['scratch'] / 2**20:,.0f} MB",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def database_cpu(url):
    """Of PostgreSQL's processes, those that ended too; SQLite has none of its own."""
    if url.startswith("sqlite"):
        return 0
    with psycopg.connect(url) as connection:
        _, (postmaster, _) = cpu.read(Path(f"/proc/{connection.info.backend_pid}"))
        return cpu.seconds(postmaster)


def inside(url, *words):
    """What a process of its own tells that works on this database."""
    return json.loads(servers.python(url, "-m", f"{__package__}.inside", *words))
