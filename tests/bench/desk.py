"""How long the server takes for the desk's pages on many calls.

    DATABASE_URL=postgres://… python -m tests.bench.desk [--times 25] [--only list]

Asks the application in this process, as a person who may see everything would, each page with
different values, after one round to warm up. Prints median, 95th percentile and queries; plans of
queries that took long; any sequential scan of a big table. Makes a user "bench" if there is none.
"""

import argparse
import os
import re
import statistics
import sys
import time
from dataclasses import dataclass, field

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 – needs settings
from django.db import connection, reset_queries  # noqa: E402
from django.test import Client  # noqa: E402

from .pages import pages  # noqa: E402

BIG = "calls_call|calls_leg|calls_recording|calls_participant|calls_conference|webhooks_delivery"
SLOW = 0.05  # seconds of one query after which its plan is shown
MEDIAN, P95, QUERIES = 150, 300, 15  # ms, ms, what a page may take


@dataclass
class Measured:
    milliseconds: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)  # of these this process, not the database
    queries: int = 0
    slow: dict[str, tuple[float, str]] = field(default_factory=dict)
    scans: dict[str, str] = field(default_factory=dict)

    @property
    def median(self):
        return statistics.median(self.milliseconds)

    @property
    def p95(self):
        return sorted(self.milliseconds)[int(len(self.milliseconds) * 0.95)]

    @property
    def is_good(self):
        fast = self.median <= MEDIAN and self.p95 <= P95
        return fast and self.queries <= QUERIES and not self.scans


def measure(client, addresses):
    found = Measured()
    ask(client, addresses[0])  # what is asked for once a process
    for address in addresses:
        begun, used = time.perf_counter(), time.process_time()
        ask(client, address)
        found.milliseconds.append((time.perf_counter() - begun) * 1000)
        found.own.append((time.process_time() - used) * 1000)
    for address in addresses[:: max(len(addresses) // 6, 1)]:
        look(client, address, found)
    return found


def ask(client, address):
    response = client.get(*address, follow=True)
    if response.status_code != 200:
        raise SystemExit(f"{address}: {response.status_code}")
    return response


def look(client, address, found):
    """Count queries and see their plans, apart from the times."""
    connection.force_debug_cursor = True
    reset_queries()
    ask(client, address)
    queries = [query for query in connection.queries if query["sql"].startswith("SELECT")]
    connection.force_debug_cursor = False
    found.queries = max(found.queries, len(queries))
    for query in queries:
        sql, took = query["sql"], float(query["time"])
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql.replace("%", "%%"), [])
            plan = "\n".join(line for (line,) in cursor.fetchall())
        if re.search(rf"Seq Scan on ({BIG})\b", plan):
            found.scans.setdefault(shape(sql), plan)
        if took > SLOW:
            found.slow.setdefault(shape(sql), (took, f"{sql[:1500]}\n{plan}"))


def shape(sql):
    """The same for queries that differ in values only."""
    return re.sub(r"'[^']*'|\b\d+\b", "?", sql)


def tell_plans(results):
    for name, found in results.items():
        for took, text in found.slow.values():
            print(f"\n== {name}: {took * 1000:.0f} ms\n{text}")
        for sql, plan in found.scans.items():
            print(f"\n== {name}: reads a whole table\n{sql[:1500]}\n{plan}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=25)
    parser.add_argument("--only", default="", help="Pages whose name contains this.")
    options = parser.parse_args()
    client = Client(headers={"host": "localhost"})
    users = get_user_model().objects
    user = users.filter(username="bench").first() or users.create_superuser("bench")
    client.force_login(user)
    print(f"{'page':44} {'n':>3} {'median':>7} {'p95':>7} {'most':>7} {'python':>7}  queries")
    results = {}
    for name, addresses in pages(options.times):
        if options.only not in name:
            continue
        found = results[name] = measure(client, addresses)
        figures = (found.median, found.p95, max(found.milliseconds), statistics.median(found.own))
        told = " ".join(f"{figure:7.0f}" for figure in figures)
        mark = "" if found.is_good else "  <<<"
        print(f"{name:44} {len(addresses):3} {told}  {found.queries:7}{mark}", flush=True)
    tell_plans(results)
    sys.exit(not all(found.is_good for found in results.values()))


if __name__ == "__main__":
    main()
