"""Webhooks acknowledged per second: signature checked, stored, merged into calls, committed."""

import contextlib
import shutil

from django.conf import settings

from tests.bench import servers
from tests.bench.servers import number

from . import report, statements
from .product import Product
from .rounds import ROUNDS, Rounds

PARTS = (*ROUNDS, "latency", "sqlite")
CONNECTIONS = (8, 64, 256)  # at which latencies are measured
RATES = (500, 50)  # requests a second, evenly


def arguments(parser):
    add = parser.add_argument
    add("--calls", type=number(10), default=1_000_000, help="In the database (1,000,000).")
    servers.keeping(parser)
    add("--workers", type=number(1), default=2, help="Of the server on PostgreSQL (2).")
    add("--threads", type=number(1), default=settings.SERVER_THREADS, help="Of each worker.")
    add("--rounds", type=number(1), default=3, help="Of which the medians are told (3).")
    # At low rates twice as long, and signatures are good for five minutes.
    add("--seconds", type=number(1, 60), default=10, help="Of each part of a round (10).")
    add("--warm-up", type=number(1), default=2, help="Times five seconds, before (2).")
    add("--connections", type=number(1), default=64, help="In the rounds (64).")
    programs = ["wrk", "bundled"] if shutil.which("wrk") else ["bundled"]
    told = f"What drives the rounds ({programs[0]}); latencies are measured by the bundled one."
    add("--generator", choices=programs, default=programs[0], help=told)
    add("--statements", action="store_true", help="Tell what the product asks PostgreSQL for.")
    told = f"Of {', '.join(PARTS)}; sqlite alone: all of it on SQLite, nothing on PostgreSQL."
    add("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=told)


def run(options):
    if options.write_readme and set(options.only) != set(PARTS):
        raise ValueError("--write-readme takes all parts: it replaces the whole table")
    found = {}
    if list(options.only) == ["sqlite"]:  # all that there is to measure on it
        options.only = PARTS
    else:
        more = [statements.SETTING] if options.statements else []
        with servers.own_postgres(options.keep, more) as own:
            base = servers.filled(own, options.calls)
            with servers.copy(own, base) as url:
                found["postgres"] = measured(options, url, options.workers)
    if "sqlite" in options.only:
        found["sqlite"] = measured(options, "", 1)
    return report.markdown(options, found)


def measured(options, url, workers):
    """Name → the Measured of each round; the latencies under ("latency", connections, rate)."""
    same = {"workers": workers, "threads": options.threads}
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(servers.running_up(url, **same))
        rounds = Rounds(options, url, Product(running, url), same, stack)
        found = rounds.run()
        if "latency" in options.only:
            for connections in CONNECTIONS:
                found["latency", connections, 0] = [rounds.latency(connections)]
            for rate in RATES:
                most = max(CONNECTIONS)
                found["latency", most, rate] = [rounds.latency(most, rate)]
    return found
