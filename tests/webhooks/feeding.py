"""Writers that commit late, and a consumer that keeps a copy of everything over HTTP."""

import contextlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from django.db import connection
from rest_framework.renderers import JSONRenderer

from calls import ledger
from calls.feed.kinds import KINDS
from calls.feed.notes import Changes
from calls.models import ChangeSet, Recording
from tests.webhooks.lives import Lives
from webhooks import inbox

WRITERS = 16


class GivenUp(Exception):
    """By the writer, shortly before the commit."""


@dataclass
class Writers:
    """Threads that write lives of calls, most of them their own: what is missed of those nobody
    writes once more. They hold what they wrote for up to `delay` seconds, give some of it up, and
    now and then delete recordings."""

    lives: Lives
    lives_each: int
    delay: float
    seed: int = 0
    done: Counter = field(default_factory=Counter)
    errors: list[Exception] = field(default_factory=list)

    def run(self) -> None:
        """Until all have done their share."""
        threads = [threading.Thread(target=self._work, args=(one,)) for one in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, writer: int) -> None:
        chance = random.Random(self.seed * WRITERS + writer)
        todo = self._requests(writer)
        others = self._requests((writer + 1) % WRITERS)
        todo += chance.sample(others, len(others) // 8)
        chance.shuffle(todo)
        try:
            while todo:
                if chance.random() < 0.05:
                    self._delete(chance)
                self._write(chance, [todo.pop() for _ in range(min(len(todo), 2))])
        except Exception as error:
            self.errors.append(error)
            raise
        finally:
            connection.close()

    def _requests(self, writer: int) -> list:
        numbers = range(writer * self.lives_each, (writer + 1) * self.lives_each)
        return [request for number in numbers for request in self.lives.requests(number)]

    def _write(self, chance, requests) -> None:
        sayings = [s for r in requests if (s := inbox.digest(self.lives.delivery(r)))]

        def write():
            topmost = ledger.record(sayings)
            self._hold(chance)
            return topmost

        with contextlib.suppress(GivenUp):
            topmost = inbox.until_uncontended(write)
            if moved := ledger.no_longer_topmost(topmost):
                inbox.until_uncontended(lambda: ledger.settle_parents(moved))
            self.done["written"] += 1

    def _delete(self, chance) -> None:
        def write():
            doomed = Recording.objects.order_by("id")[chance.randrange(20) :][:2]
            rows = list(doomed.values_list("id", "revision"))
            changes = Changes()
            changes.erased(Recording, rows)
            Recording.objects.filter(id__in=[key for key, _ in rows]).delete()
            changes.save()
            self._hold(chance)

        with contextlib.suppress(GivenUp):
            inbox.until_uncontended(write)
            self.done["deleted"] += 1

    def _hold(self, chance) -> None:
        """What this is about: others commit meanwhile what they began later."""
        time.sleep(chance.random() * self.delay)
        if chance.random() < 0.1:
            self.done["given up"] += 1
            raise GivenUp


@dataclass
class Consumer:
    """Keeps a copy by /api/v1/changes/ alone. Now and then it dies before it has stored an answer:
    it begins again with the cursor that it has."""

    url: str
    key: str
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    rows: dict[tuple[str, str], dict] = field(default_factory=dict)
    cursor: str = ""
    pages: int = 0
    changes: int = 0
    erased: int = 0
    backwards: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self):
        self.client = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)

    def keep_up(self, over: threading.Event) -> None:
        """Until nothing more comes after everything was written."""
        while True:
            was_over = over.is_set()
            # Mostly all there is: who lags behind reads nothing that somebody could commit before.
            limit = self.chance.choice([3, 20, 1000, 1000, 1000, 1000])
            page = self.ask(limit=limit, wait=0 if was_over else 1)
            if self.chance.random() < 0.1:
                continue  # it died
            self.store(page)
            if was_over and not page["more"] and not page["changes"]:
                return

    def ask(self, **parameters) -> dict:
        if self.cursor:
            parameters["after"] = self.cursor
        path = f"/api/v1/changes/?{urlencode(parameters)}"
        self.client.request("GET", path, headers={"Authorization": f"Bearer {self.key}"})
        response = self.client.getresponse()
        body = response.read()
        assert response.status == 200, (response.status, body[:500])
        return json.loads(body)

    def store(self, page: dict) -> None:
        for change in page["changes"]:
            key = change["type"], change["id"]
            if change["operation"] == "erase":
                self.rows.pop(key, None)
                self.erased += 1
                continue
            before = self.rows.get(key)
            if before and before["revision"] > change["object"]["revision"]:
                self.backwards.append(key)
            self.rows[key] = change["object"]
        self.cursor = page["cursor"]
        self.pages += 1
        self.changes += len(page["changes"])


def tables() -> dict[tuple[str, str], dict]:
    """What the copy should be, read from the tables."""
    context = {"may_hear": True, "sees_numbers": True}
    rows = {}
    for name, kind in KINDS.items():
        objects = kind.serializer(list(kind.rows()), many=True, context=context).data
        for shown in json.loads(JSONRenderer().render(objects)):
            rows[name, shown["id"]] = shown
    return rows


def in_order_of_revisions() -> tuple[int, list]:
    """How many sets there are, and the objects whose entries do not follow their revisions."""
    reached: dict[str, int] = {}
    wrong, sets = [], ChangeSet.objects.order_by("position").values_list("changes", flat=True)
    number = 0
    for number, changes in enumerate(sets.iterator(500), start=1):  # noqa: B007
        for kind, key, revision, words in changes:
            if "erased" in words:
                reached.pop(key, None)
            elif revision < reached.get(key, 0):
                wrong.append((kind, key, revision, reached[key]))
            else:
                reached[key] = revision
    return number, wrong


def differences(copy: dict, there: dict) -> list[tuple]:
    """(what, key) of each object that is missing, too much, or not as it is."""
    missing = [("missing", key) for key in there.keys() - copy.keys()]
    stale = [("stale", key) for key in there.keys() & copy.keys() if there[key] != copy[key]]
    return missing + [("too much", key) for key in copy.keys() - there.keys()] + stale


def consume_while(writers: Writers, consumer: Consumer) -> None:
    """Both at once; returns when the consumer has had everything that was written."""
    over = threading.Event()
    connection.close()  # back to the pool, which the writers need

    def write():
        writers.run()
        over.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        consumer.keep_up(over)
    finally:
        thread.join()
