"""How much a key may ask: counted over all processes, told on every answer."""

import base64
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.db import connection
from django.test import SimpleTestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from calls import api_keys
from calls.models import Integration
from calltrack.api import counters as counting
from calltrack.api.counters import Counters
from calltrack.api.manners import Manners
from tests import factories
from tests.api import ApiTestCase
from tests.people import member
from tests.server import ROOT

OFF = dict.fromkeys(settings.API_RATES, 0)
COUNT = """
import sys, threading
from pathlib import Path
from calltrack.api.counters import Counters
sys.setswitchinterval(1e-6)
counters = Counters(Path(sys.argv[1]))
def count():
    for number in range(400):
        counters.add(f"name {number % 3}", 3600)
threads = [threading.Thread(target=count) for _ in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


class CounterTests(SimpleTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "counters"

    def test_nothing_is_lost_between_processes_and_threads(self):
        command = [sys.executable, "-c", COUNT, str(self.path)]
        running = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
        self.assertEqual([process.wait(60) for process in running], [0, 0, 0])
        counters = Counters(self.path)
        counts = [counters.look(f"name {number}").count for number in range(3)]
        self.assertEqual(sum(counts), 3 * 3 * 400)
        self.assertEqual(counts, [1206, 1197, 1197])

    def test_the_time_is_that_of_its_turn(self):
        """Taken before, it could lie before the beginning of a window, which would begin anew."""
        counters, in_turn = Counters(self.path), []

        def now():
            in_turn.append(counters._threads.locked())
            return 1000.0

        with mock.patch.object(counting.time, "time", now):
            counters.add("a", 60)
        self.assertEqual(in_turn, [True])

    def test_a_window_begins_with_its_first_request_and_ends(self):
        counters = Counters(self.path)
        first = counters.add("a", 60, at=1000.0)
        self.assertEqual([first.count, first.ends_in], [1, 60.0])
        second = counters.add("a", 60, at=1059.0)
        self.assertEqual([second.count, second.ends_in], [2, 1.0])
        self.assertEqual(counters.look("a", at=1059.5).count, 2)
        self.assertEqual(counters.look("a", at=1060.0).count, 0)
        self.assertEqual(counters.add("a", 60, at=1060.0).count, 1)
        self.assertEqual(counters.look("b", at=1060.0).count, 0)

    def test_a_window_may_be_prolonged(self):
        counters = Counters(self.path)
        counters.add("a", 60, at=1000.0)
        prolonged = counters.add("a", 60, at=1050.0, prolong=True)
        self.assertEqual([prolonged.count, prolonged.ends_in], [2, 60.0])
        self.assertEqual(counters.look("a", at=1109.0).count, 2)
        self.assertEqual(counters.look("a", at=1110.0).count, 0)

    def test_a_clock_that_was_set_back_shuts_nobody_out(self):
        counters = Counters(self.path)
        counters.add("a", 60, at=9000.0)
        self.assertEqual(counters.add("a", 60, at=1000.0).ends_in, 60.0)

    def test_a_flood_of_names_forgets_the_smallest_first_and_takes_no_more_room(self):
        counters = Counters(self.path)
        size = self.path.stat().st_size
        for _ in range(3):
            counters.add("busy", 60, at=1000.0)
        for number in range(3 * counting._SETS * counting._WAYS):
            counters.add(f"flood {number}", 60, at=1000.0)
        self.assertEqual(counters.look("busy", at=1001.0).count, 3)
        self.assertEqual(self.path.stat().st_size, size)


class RateTestCase(ApiTestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.use(DATA_DIR=Path(folder.name))

    def use(self, **changed):
        setting = override_settings(**changed)
        setting.enable()
        self.addCleanup(setting.disable)

    def rates(self, **rates):
        self.use(API_RATES=OFF | rates)

    def ask(self, path="calls/", text=None, **more):
        headers = {"Authorization": f"Bearer {text}"} if text else self.headers
        return self.client.get(f"/api/v1/{path}", headers=headers, **more)


class BucketTests(RateTestCase):
    def test_a_key_reads_so_often_and_hears_when_to_come_back(self):
        self.rates(read=3)
        left = []
        for _ in range(3):
            answer = self.ask()
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(answer.headers["RateLimit-Limit"], "3")
            left.append(answer.headers["RateLimit-Remaining"])
        self.assertEqual(left, ["2", "1", "0"])
        refused = self.ask()
        self.assertEqual(refused.status_code, 429)
        self.assertEqual(refused.json()["type"], "/api/docs/problems#throttled")
        self.assertEqual(refused.headers["RateLimit-Remaining"], "0")
        for name in ("Retry-After", "RateLimit-Reset"):
            self.assertTrue(1 <= int(refused.headers[name]) <= 60)

    def test_each_key_and_person_and_bucket_counts_for_itself(self):
        self.rates(read=1, write=1)
        self.assertEqual([self.ask().status_code, self.ask().status_code], [200, 429])
        written = self.client.post("/api/v1/calls/", headers=self.headers)
        self.assertEqual(written.status_code, 405)
        _, other = api_keys.create("other")
        self.assertEqual(self.ask(text=other).status_code, 200)
        for _ in range(2):
            self.client.force_login(member("Viewer"))
            statuses = [self.client.get("/api/v1/calls/").status_code for _ in range(2)]
            self.assertEqual(statuses, [200, 429])

    def test_the_same_answer_not_sent_again_counts_too(self):
        self.rates(read=2)
        tag = self.ask().headers["ETag"]
        headers = self.headers | {"If-None-Match": tag}
        same = self.client.get("/api/v1/calls/", headers=headers)
        self.assertEqual([same.status_code, same.headers["RateLimit-Remaining"]], [304, "0"])

    def test_whoever_is_refused_is_counted_and_told_too(self):
        self.rates(read=2, write=1, changes=1, export=1)
        _, text = api_keys.create("may little", ["deliveries:read"])
        bearer = {"Authorization": f"Bearer {text}"}
        for path, many in (("calls/", 2), ("changes/", 1), ("calls/export", 1)):
            with self.subTest(path):
                answers = [self.ask(path, text=text) for _ in range(many + 1)]
                statuses = [one.status_code for one in answers]
                self.assertEqual(statuses, [403] * many + [429])
                left = [int(one.headers["RateLimit-Remaining"]) for one in answers]
                self.assertEqual(left, [*reversed(range(many)), 0])
        written = [self.client.post("/api/v1/calls/", headers=bearer) for _ in range(2)]
        self.assertEqual([one.status_code for one in written], [405, 429])

    def test_so_it_is_for_clients_of_freeclimb(self):
        self.rates(read=1)
        account = factories.AccountFactory(provider="freeclimb", provider_account_id="AC1")
        _, text = api_keys.create("may little", ["deliveries:read"])
        said = base64.b64encode(f"{account.provider_account_id}:{text}".encode()).decode()
        path, headers = "/apiserver/Accounts/AC1/Calls", {"Authorization": f"Basic {said}"}
        statuses = [self.client.get(path, headers=headers).status_code for _ in range(2)]
        self.assertEqual(statuses, [403, 429])

    def test_nothing_is_written_to_the_database_for_it(self):
        self.ask()
        with CaptureQueriesContext(connection) as without:
            self.ask()
        self.rates(read=100, unknown_keys=30)
        with CaptureQueriesContext(connection) as counted:
            self.ask()
        self.assertEqual(len(counted), len(without))

    def test_zero_is_no_limit_and_no_header(self):
        self.rates()
        self.assertNotIn("RateLimit-Limit", self.ask().headers)


class GuessingTests(RateTestCase):
    def guess(self, number=0, **more):
        return self.ask(text=f"ct_guessing_{number:048x}", **more)

    def test_an_address_guesses_so_often_then_only_keys_it_had_before_go_on(self):
        self.rates(unknown_keys=2)
        _, new = api_keys.create("new")
        self.assertEqual(self.ask().status_code, 200)
        self.assertEqual([self.guess(n).status_code for n in range(3)], [401, 401, 429])
        refused = self.guess(7)
        self.assertTrue(1 <= int(refused.headers["Retry-After"]) <= 60)
        # A right key is not found out by guessing on; who came in from there before still does.
        self.assertEqual(self.ask(text=new).status_code, 429)
        self.assertEqual(self.ask().status_code, 200)
        self.assertEqual(self.ask(text=new, REMOTE_ADDR="192.0.2.7").status_code, 200)

    def test_a_key_is_known_for_a_time_after_its_last_use_not_its_first(self):
        self.rates(unknown_keys=1)
        begun = time.time()
        for minutes in (0, 50):
            with mock.patch("calltrack.api.counters.time.time", lambda at=minutes: begun + at * 60):
                self.assertEqual(self.ask().status_code, 200)
        with mock.patch("calltrack.api.counters.time.time", lambda: begun + 70 * 60):
            self.assertEqual(self.guess().status_code, 401)
            self.assertEqual(self.ask().status_code, 200)

    def test_a_refused_key_costs_no_query_any_more(self):
        self.rates(unknown_keys=1)
        self.guess()
        with self.assertNumQueries(0):
            self.guess(1)

    def test_an_ipv6_customer_is_one_address(self):
        self.rates(unknown_keys=1)
        self.assertEqual(self.guess(REMOTE_ADDR="2001:db8::1").status_code, 401)
        self.assertEqual(self.guess(REMOTE_ADDR="2001:db8::2").status_code, 429)
        self.assertEqual(self.guess(REMOTE_ADDR="2001:db8:0:1::2").status_code, 401)

    def test_what_its_holder_hears_of_a_key_that_ended(self):
        key, text = api_keys.create("old")
        api_keys.end(key)
        self.assertIn("has expired: 20", self.ask(text=text).json()["detail"])
        off, other = api_keys.create("off")
        Integration.objects.filter(pk=off.integration_id).update(active=False)
        self.assertIn("switched off", self.ask(text=other).json()["detail"])
        for wrong in (f"{key.prefix}_{'0' * 48}", "x"):
            self.assertEqual(self.ask(text=wrong).json()["detail"], "Unknown API key.")


class SettingTests(SimpleTestCase):
    def test_all_views_of_ours_have_the_manners(self):
        views = {
            found.callback.cls
            for pattern in get_resolver().url_patterns
            if str(pattern.pattern) in ("api/v1/", "apiserver/")
            for found in pattern.url_patterns
            if hasattr(found.callback, "cls")
        }
        self.assertGreater(len(views), 20)
        self.assertEqual([view for view in views if not issubclass(view, Manners)], [])

    def test_the_buckets_of_all_views_have_a_rate(self):
        import calls.views
        import webhooks.api

        for module in (calls.views, webhooks.api):
            for view in vars(module).values():
                bucket = getattr(view, "throttle_bucket", "read")
                self.assertIn(bucket, settings.API_RATES, view)
