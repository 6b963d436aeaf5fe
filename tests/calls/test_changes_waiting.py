"""Waiting for changes: who waits hears at once, few may wait, and nobody holds a connection."""

import json
import threading
import time
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings

from calls import api_keys
from calls.feed import notes, positions, waiting
from calls.feed.waiting import Watch
from tests.server import database_url_of, running_server

PATIENCE = 30  # seconds for the other thread
LONG = 30


def end_of_looking():
    for thread in threading.enumerate():
        if thread.name == "changes-watch":
            thread.join(PATIENCE)


class WaitingTests(TransactionTestCase):
    def setUp(self):
        _, text = api_keys.create("a copy")
        self.headers = {"Authorization": f"Bearer {text}"}
        self.cursor = self.ask(after="now")["cursor"]

        self.addCleanup(end_of_looking)

    def ask(self, headers=None, **parameters):
        headers = headers or self.headers
        response = Client().get("/api/v1/changes/", parameters, headers=headers)
        self.assertEqual(response.status_code, 200, response.content)
        return response.json()

    def another(self):
        return {"Authorization": f"Bearer {api_keys.create('another')[1]}"}

    def waiter(self, heard, **parameters):
        """A request that waits; it is at its place when this returns."""

        def run():
            try:
                heard.append(self.ask(after=self.cursor, wait=LONG, **parameters))
            finally:
                connection.close()

        before = waiting.watch.taken
        thread = threading.Thread(target=run)
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while waiting.watch.taken == before and thread.is_alive():
            self.assertLess(time.monotonic(), deadline)
            thread.join(0.01)
        return thread

    def test_it_answers_as_soon_as_something_is_there(self):
        begun, heard = time.monotonic(), []
        threads = [self.waiter(heard) for _ in range(3)]
        self.assertEqual(heard, [])
        notes.note([["call", "0" * 32, 1, [notes.CHANGED]]])
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual([len(page["changes"]) for page in heard], [1, 1, 1])
        self.assertLess(time.monotonic() - begun, LONG)
        self.assertEqual(waiting.watch.taken, 0)

    def test_what_it_did_not_ask_for_does_not_wake_it(self):
        heard = []
        self.cursor = self.ask(after="now", types="leg")["cursor"]
        thread = self.waiter(heard)
        notes.note([["call", "0" * 32, 1, [notes.CHANGED]]])
        deadline = time.monotonic() + PATIENCE
        while not positions.last():  # given by the thread that looks
            self.assertLess(time.monotonic(), deadline)
            thread.join(0.01)
        notes.note([["leg", "1" * 32, 1, [notes.CHANGED]]])
        thread.join(PATIENCE)
        self.assertEqual([one["type"] for one in heard[0]["changes"]], ["leg"])

    def test_nothing_within_the_time_is_an_empty_page(self):
        page = self.ask(after=self.cursor, wait=1)
        self.assertEqual((page["changes"], page["more"]), ([], False))

    @override_settings(SERVER_THREADS=8)
    def test_no_more_than_a_quarter_of_the_threads_wait(self):
        begun, heard = time.monotonic(), []
        threads = [self.waiter(heard), self.waiter(heard, headers=self.another())]
        self.assertEqual(self.ask(after=self.cursor, wait=LONG)["changes"], [])
        self.assertLess(time.monotonic() - begun, LONG)
        self.assertEqual(heard, [])
        notes.note([["call", "0" * 32, 1, [notes.CHANGED]]])
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(len(heard), 2)

    @override_settings(SERVER_THREADS=16)
    def test_one_who_has_his_share_is_answered_at_once_and_others_wait(self):
        begun, heard = time.monotonic(), []
        threads = [self.waiter(heard)]
        self.assertEqual(self.ask(after=self.cursor, wait=LONG)["changes"], [])
        self.assertLess(time.monotonic() - begun, LONG)
        threads.append(self.waiter(heard, headers=self.another()))
        self.assertEqual(waiting.watch.taken, 2)
        notes.note([["call", "0" * 32, 1, [notes.CHANGED]]])
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual([len(page["changes"]) for page in heard], [1, 1])

    @override_settings(SERVER_THREADS=3)
    def test_with_few_threads_nobody_waits(self):
        begun = time.monotonic()
        self.ask(after=self.cursor, wait=LONG)
        self.assertLess(time.monotonic() - begun, LONG)


class WatchTests(TransactionTestCase):
    """The thread that looks, without a database."""

    def setUp(self):
        self.position = 0
        self.looks = threading.Semaphore(0)
        self.watch = Watch(self.look)
        self.addCleanup(end_of_looking)

    def look(self):
        self.looks.release()
        return self.position

    def test_one_thread_looks_for_all_and_ends_with_them(self):
        for number in range(5):
            self.assertTrue(self.watch.take(f"copy {number}"))
        names = [one.name for one in threading.enumerate()]
        self.assertEqual(names.count("changes-watch"), 1)
        (thread,) = [one for one in threading.enumerate() if one.name == "changes-watch"]
        self.position = 1
        self.assertTrue(self.watch.wait(0, time.monotonic() + PATIENCE))
        for number in range(5):
            self.watch.leave(f"copy {number}")
        thread.join(PATIENCE)
        self.assertFalse(thread.is_alive())
        self.assertTrue(self.watch.take("copy"))  # and begins again
        self.watch.leave("copy")
        end_of_looking()

    def test_a_stop_ends_the_waiting(self):
        self.assertTrue(self.watch.take("copy"))
        threading.Timer(0.05, self.watch.stop).start()
        begun = time.monotonic()
        self.assertFalse(self.watch.wait(0, begun + PATIENCE))
        self.assertLess(time.monotonic() - begun, PATIENCE)
        self.assertFalse(self.watch.take("copy"))

    def test_places_are_a_quarter_of_the_threads(self):
        places = 0
        while self.watch.take(f"copy {places}"):
            places += 1
        self.assertEqual(places, settings.SERVER_THREADS // 4)
        for number in range(places):
            self.watch.leave(f"copy {number}")

    def test_one_holder_has_a_quarter_of_the_places(self):
        places = 0
        while self.watch.take("copy"):
            places += 1
        self.assertEqual(places, max(settings.SERVER_THREADS // 16, 1))
        self.assertTrue(self.watch.take("another"))
        self.watch.leave("another")
        for _ in range(places):
            self.watch.leave("copy")


@pytest.mark.django_db(transaction=True)
def test_a_server_that_stops_answers_who_waits(tmp_path):
    """With four threads one may wait: that another is answered at once shows that he does."""
    _, key = api_keys.create("a copy")
    answers = []

    def ask(**parameters):
        begun = time.monotonic()
        query = urlencode({"after": "now", **parameters})
        request = Request(f"{server.url}/api/v1/changes?{query}")
        request.add_header("Authorization", f"Bearer {key}")
        with urlopen(request, timeout=60) as response:
            assert json.load(response)["changes"] == []
        return time.monotonic() - begun

    def keep_waiting():
        try:
            while True:
                answers.append(ask(wait=LONG))
        except OSError:  # nobody listens any more
            return

    options = ("--threads", 4, "--workers", 1)
    url = database_url_of(connection)
    with running_server(tmp_path, *options, database_url=url, env={"STOP_SECONDS": "20"}) as server:
        thread = threading.Thread(target=keep_waiting)
        thread.start()
        while ask(wait=2) > 1:
            continue
        known = len(answers)
        begun = time.monotonic()
        server.stop(seconds=60)
        assert time.monotonic() - begun < 20
        thread.join(60)
    assert len(answers) > known
