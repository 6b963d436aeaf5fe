"""The real server under load."""

import contextlib
import json
import sqlite3
from time import monotonic, sleep
from uuid import UUID

from tests.bench import servers
from webhooks.simulator.accounts import ACCOUNT_IDS
from webhooks.simulator.delivery import Target
from webhooks.simulator.freeclimb import FREECLIMB

from . import load
from .requests import Lives

FIRST_GUESS = 3_000  # requests a second, until it was measured
PATIENCE, LOOK = 20, 0.2  # seconds that late rows are waited for, and between two looks
MORE = 2  # prepared, in proportion to what was measured last; of a new kind twice that


class Product:
    """Ours, and deliveries for it. `url` of its PostgreSQL, "" for an SQLite of its own."""

    def __init__(self, running, url):
        self.running, self.url = running, url
        program = ["-m", "tests.bench.programs.endpoints"]
        made = servers.python(url, *program, data_dir=running.data_dir)
        endpoints = json.loads(made)
        self.endpoints = [UUID(key) for key, _, _ in endpoints.values()]
        targets = {name: Target(path, secret) for name, (_, path, secret) in endpoints.items()}
        self.lives = Lives(targets, ACCOUNT_IDS[FREECLIMB])
        self.rates = {}  # of each kind of run, requests a second
        self.last_rate = FIRST_GUESS

    def settled_rows(self):
        """`rows` once nobody adds to them: what a server was sent last may still be under way
        when its client is gone."""
        before, rows, end = None, self.rows(), monotonic() + PATIENCE
        while rows != before:
            if monotonic() > end:
                raise RuntimeError("rows are added without end")
            sleep(LOOK)
            before, rows = rows, self.rows()
        return rows

    def rows(self):
        """Deliveries of our endpoints."""
        if self.url:
            statement = "SELECT count(*) FROM webhooks_delivery WHERE endpoint_id = ANY(%s)"
            return servers.query(self.url, statement, self.endpoints)[0][0]
        path = self.running.data_dir / "calltrack.sqlite3"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT count(*) FROM webhooks_delivery").fetchone()[0]

    def watch(self):
        workers = self.running.workers()
        return load.Watch({"workers": workers, "up": [self.running.process.pid]}, self.url)

    def drive(self, kind, *, seconds, connections, rate=0, port=None, watch=None, wrk=False):
        """A Measured of new deliveries. With a port they go to another server on our database;
        `kind` tells runs apart that differ in speed."""
        guess = rate or self.rates.get(kind, 2 * self.last_rate) * MORE
        requests = self.lives.prepare(int(guess * seconds) + connections)
        before = self.settled_rows()
        found = load.drive(
            requests,
            port or self.running.port,
            seconds=seconds,
            connections=connections,
            rate=rate,
            watch=watch or self.watch(),
            wrk=wrk,
        )
        found.rows = self.settled_rows() - before
        self.lives.sent(found.sent)
        if "up" in found.cpu:  # what it does beside answering
            found.cpu["jobs"] = found.cpu.pop("up") - found.cpu["workers"]
        if not rate:
            self.rates[kind] = self.last_rate = found.per_second
        return found
