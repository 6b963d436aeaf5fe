"""Group commit, with a writer that the test holds up."""

import threading
import time
from unittest import mock

from django.test import TestCase

from webhooks import committer
from webhooks.committer import Committer, Unavailable
from webhooks.models import Delivery


class CommitterTests(TestCase):
    """The committer alone, with a writer that the test holds up."""

    def setUp(self):
        self.batches, self.go, self.entered = [], threading.Event(), threading.Event()
        self.refuse = None
        self.committer = Committer(self.write)

    def write(self, pairs):
        self.batches.append(len(pairs))
        self.entered.set()
        if not self.go.wait(10):
            raise TimeoutError("the test forgot to let go")
        if self.refuse:
            raise self.refuse

    def knock(self, count):
        """That many threads at the committer's door; returns (threads, what each met)."""
        met = []

        def put():
            try:
                self.committer.put(lambda: (Delivery(), None))
                met.append(None)
            except Unavailable as error:
                met.append(str(error))

        threads = [threading.Thread(target=put) for _ in range(count)]
        for thread in threads:
            thread.start()
        return threads, met

    def knock_while_one_is_written(self, count):
        """One whose batch is held up, and that many in the queue behind it; as `knock`."""
        first, _ = self.knock(1)
        self.assertTrue(self.entered.wait(5))
        rest, met = self.knock(count)
        self.gathered(count)
        return first + rest, met

    def gathered(self, count):
        self.until(lambda: len(self.committer._waiting) >= count, "they never queued up")

    def until(self, true, otherwise):
        end = time.monotonic() + 10
        while not true():
            if time.monotonic() > end:
                self.fail(otherwise)
            threading.Event().wait(0.001)

    def test_while_one_batch_commits_the_next_one_gathers(self):
        threads, met = self.knock_while_one_is_written(40)
        self.go.set()
        for thread in threads:
            thread.join(5)
        self.assertEqual(self.batches, [1, 40])
        self.assertEqual(met, [None] * 40)

    def test_a_batch_waits_for_those_who_sent_in_the_last_one(self):
        def send_twice():
            for _ in range(2):
                self.committer.put(lambda: (Delivery(), None))

        threads = [threading.Thread(target=send_twice) for _ in range(4)]
        with mock.patch.multiple(committer, GATHER=2, CROWD=4):
            threads[0].start()
            self.assertTrue(self.entered.wait(5))
            for thread in threads[1:]:
                thread.start()
            self.gathered(3)  # behind the first, which is being written
            self.go.set()
            for thread in threads:
                thread.join(8)
        # The first to be let go comes again in time for the second batch; for the last there are no
        # longer four of them, which it finds out.
        self.assertEqual(self.batches, [1, 4, 3])

    def test_who_comes_alone_waits_for_nobody(self):
        self.go.set()
        with mock.patch.multiple(committer, GATHER=5, CROWD=2):
            begun = time.monotonic()
            for _ in range(3):
                self.committer.put(lambda: (Delivery(), None))
            self.assertLess(time.monotonic() - begun, 4)

    def test_a_few_are_not_waited_for(self):
        with mock.patch.multiple(committer, GATHER=5, CROWD=4):
            threads, _ = self.knock_while_one_is_written(2)
            begun = time.monotonic()
            self.go.set()
            for thread in threads:
                thread.join(5)
            self.assertLess(time.monotonic() - begun, 4)
        self.assertEqual(self.batches, [1, 2])

    def test_after_a_pause_nobody_is_waited_for(self):
        with mock.patch.multiple(committer, GATHER=0.05, FRESH=0.05):
            threads, _ = self.knock_while_one_is_written(3)
            self.go.set()
            for thread in threads:
                thread.join(5)
            self.until(lambda: self.committer._about == 1, "it still expects them")

    def test_a_batch_that_is_not_stored_is_refused_to_all_who_wait(self):
        self.refuse = RuntimeError("disk gone")
        self.go.set()
        with self.assertLogs("webhooks.committer", "ERROR"):
            threads, met = self.knock(3)
            for thread in threads:
                thread.join(5)
        self.assertEqual(met, ["disk gone"] * 3)
        self.refuse = None
        self.committer.put(lambda: (Delivery(), None))  # and it lives on

    def test_what_cannot_be_made_is_told_to_who_asked_for_it_alone(self):
        for error in (ValueError, SystemExit, StopIteration, MemoryError):
            with self.subTest(error.__name__):
                self.batches.clear()
                self.go.clear()
                self.entered.clear()
                self.check_alone(error)

    def check_alone(self, error):
        def broken():
            raise error("no such thing")

        first, _ = self.knock(1)
        self.assertTrue(self.entered.wait(5))
        met = []

        def put_broken():
            try:
                self.committer.put(broken)
            except error as raised:
                met.append(str(raised))

        other = threading.Thread(target=put_broken)
        other.start()
        rest, others_met = self.knock(2)
        self.gathered(3)
        self.go.set()
        for thread in [*first, other, *rest]:
            thread.join(5)
        self.assertEqual(met, ["no such thing"])
        self.assertEqual(others_met, [None, None])
        self.assertEqual(self.batches, [1, 2])

    def test_it_outlives_whatever_its_writer_raises(self):
        self.go.set()
        self.committer.put(lambda: (Delivery(), None))
        thread = self.committer._thread
        self.refuse = SystemExit("no more")
        with self.assertLogs("webhooks.committer", "ERROR"), self.assertRaises(Unavailable):
            self.committer.put(lambda: (Delivery(), None))
        self.refuse = None
        self.committer.put(lambda: (Delivery(), None))
        self.assertIs(self.committer._thread, thread)

    def test_it_outlives_a_connection_that_cannot_be_given_back(self):
        self.go.set()
        broken = mock.Mock(side_effect=OSError("no such socket"))
        with (
            mock.patch.multiple(committer, FRESH=0.02, close_old_connections=broken),
            self.assertLogs("webhooks.committer", "WARNING") as logged,
        ):
            self.committer.put(lambda: (Delivery(), None))
            thread = self.committer._thread
            self.until(lambda: logged.output, "it never gave it back")
        self.committer.put(lambda: (Delivery(), None))
        self.assertIs(self.committer._thread, thread)

    def test_a_waiter_gives_up_and_a_full_queue_refuses_at_once(self):
        with mock.patch.multiple(committer, PATIENCE=0.05, QUEUE=3):
            threads, met = self.knock(1)
            self.assertTrue(self.entered.wait(5))
            more, also_met = self.knock(4)
            for thread in threads + more:
                thread.join(5)
        self.go.set()
        self.assertEqual(sorted(met + also_met)[-1], "the queue is full")
        self.assertEqual(len([m for m in met + also_met if m.startswith("not committed")]), 4)
