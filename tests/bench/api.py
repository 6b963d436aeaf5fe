"""How long the server takes for the API on many calls.

    DATABASE_URL=postgres://… python -m tests.bench.api [--times 25] [--only list]

Like tests.bench.desk, with a key that may read everything, whose integration is called "bench" and
goes when all is measured.
"""

import argparse
import statistics
import sys

from . import desk  # sets Django up
from .addresses import addresses

P95 = 100  # ms
QUERIES = 15


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=25)
    parser.add_argument("--only", default="", help="Lists whose name contains this.")
    options = parser.parse_args()
    from django.conf import settings
    from django.test import Client

    from calls import api_keys

    settings.API_RATES = dict.fromkeys(settings.API_RATES, 0)  # nobody is asked to wait
    key, text = api_keys.create("bench", list(api_keys.SCOPES))
    try:
        sys.exit(
            run(Client(headers={"host": "localhost", "authorization": f"Bearer {text}"}), options)
        )
    finally:
        key.integration.delete()


def run(client, options) -> bool:
    from calltrack import serving

    print(f"{'list':44} {'n':>3} {'median':>7} {'p95':>7} {'most':>7} {'python':>7}  queries")
    results = {}
    client.get("/api/v1/calls/?page_size=1")  # loads what is loaded late
    serving.settle_memory()  # as the server's workers do
    for name, asked in addresses(options.times, client):
        if options.only not in name:
            continue
        found = results[name] = desk.measure(client, asked)
        figures = (found.median, found.p95, max(found.milliseconds), statistics.median(found.own))
        good = found.p95 <= P95 and found.queries <= QUERIES and not found.scans
        told = " ".join(f"{figure:7.0f}" for figure in figures)
        print(
            f"{name:44} {len(asked):3} {told}  {found.queries:7}{'' if good else '  <<<'}",
            flush=True,
        )
    desk.tell_plans(results)
    return any(found.p95 > P95 or found.scans for found in results.values())


if __name__ == "__main__":
    main()
