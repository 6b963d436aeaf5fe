"""What the feed of changes costs, and whether a consumer misses anything at a larger scale.

    python -m tests.bench.changes [--lives 60] [--delay 0.3] [--deliveries 4000]

On a PostgreSQL of its own: sixteen writers with random commit delays, a server of two
processes, one consumer over HTTP that keeps a copy; then deliveries through the inbox in batches,
with notes and without, for what a note costs. Fails if the copy differs from the tables.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time
from itertools import islice
from unittest import mock

import django

from tests.postgres import running_postgres
from tests.server import running_server

ACCOUNT = "AC" + "0" * 40
BATCH = 64  # deliveries of one commit


def consume(options, url):
    """Writers and a consumer at once; False if anything was missed."""
    from calls import api_keys
    from tests.webhooks import feeding
    from tests.webhooks.lives import Lives

    _, key = api_keys.create("bench")
    lives = Lives(endpoints(), account_id=ACCOUNT)
    writers = feeding.Writers(lives, options.lives, options.delay)
    with (
        tempfile.TemporaryDirectory() as data_dir,
        running_server(
            data_dir, database_url=url, workers=2, env={"API_RATE_CHANGES": "0"}
        ) as server,
    ):
        consumer = feeding.Consumer(server.url, key)
        begun = time.perf_counter()
        feeding.consume_while(writers, consumer)
        seconds = time.perf_counter() - begun
    there = feeding.tables()
    missed = feeding.differences(consumer.rows, there)
    sets, wrong = feeding.in_order_of_revisions()
    print(f"{dict(writers.done)} in {seconds:.0f} s by {feeding.WRITERS} writers, {sets:,} sets")
    print(f"{consumer.pages:,} pages, {consumer.changes:,} changes, {consumer.erased} erasures")
    print(f"{len(there):,} objects; different from the tables: {len(missed)}")
    print(f"backwards {len(consumer.backwards)}, out of order {len(wrong)}")
    return not (missed or wrong or consumer.backwards or writers.errors)


def cost(options):
    """Seconds of a batch with notes and without, in turns, each of new deliveries."""
    from calls.feed import notes, positions
    from tests.webhooks.lives import Lives
    from webhooks import inbox

    took = {True: [], False: []}
    for turn in range(max(2, options.deliveries // BATCH)):
        lives = Lives(endpoints(), seed=f"cost {turn}", account_id=ACCOUNT)
        requests = (request for number in range(BATCH) for request in lives.requests(number))
        deliveries = [lives.delivery(request) for request in islice(requests, BATCH)]
        noted = turn % 2 == 0
        with contextlib.nullcontext() if noted else mock.patch.object(notes, "note"):
            begun = time.perf_counter()
            inbox.store(deliveries)
            took[noted].append(time.perf_counter() - begun)
    with_notes, without = (statistics.median(took[noted]) for noted in (True, False))
    print(f"batch of {BATCH}: {with_notes * 1e3:.1f} ms with notes, {without * 1e3:.1f} ms without")
    print(f"ratio {with_notes / without:.3f}")
    begun = time.perf_counter()
    given = positions.give_positions()
    print(f"{given} positions in {(time.perf_counter() - begun) * 1e3:.1f} ms")
    begun = time.perf_counter()
    for _ in range(100):
        positions.give_positions()
    print(f"nothing waiting: {(time.perf_counter() - begun) * 10:.2f} ms")


def endpoints():
    from webhooks.endpoints import create_endpoint
    from webhooks.models import Endpoint

    for provider in ("freeclimb", "callerdesk"):
        if not Endpoint.objects.filter(account__provider=provider).exists():
            create_endpoint(provider=provider, account="Bench")
    made = Endpoint.objects.select_related("account")
    return {endpoint.account.provider: endpoint for endpoint in made}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lives", type=int, default=60, help="Of each of sixteen writers.")
    parser.add_argument("--delay", type=float, default=0.3, help="Most seconds before a commit.")
    parser.add_argument("--deliveries", type=int, default=4_000, help="For what a note costs.")
    options = parser.parse_args()
    with running_postgres(fsync=True) as url, tempfile.TemporaryDirectory() as data_dir:
        os.environ |= {
            "DATABASE_URL": url,
            "CALLTRACK_DATA": data_dir,
            "DATABASE_POOL_SIZE": "24",
            "DJANGO_SETTINGS_MODULE": "calltrack.settings",
        }
        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        good = consume(options, url)
        cost(options)
        connection.close_pool()
    sys.exit(not good)


if __name__ == "__main__":
    main()
