"""Targets that fail: tried again, left alone, probed, stopped."""

import threading
from collections import Counter
from datetime import timedelta

from django.utils.timezone import now

from webhooks.models import Message, Subscription
from webhooks.outgoing import again
from webhooks.outgoing.claiming import claim
from webhooks.outgoing.pace import DEAD_AFTER, DEAD_AFTER_TRIES, PATIENCE, TRIES
from webhooks.outgoing.sending import Sender

from .case import FIRST, LEASE, SECOND, SendingTestCase
from .subscribing import tell_all


class FailureTests(SendingTestCase):
    def test_after_the_last_try_it_is_given_up_and_the_next_one_goes_on(self):
        self.target.statuses[FIRST] = 400
        self.happen(1, steps=(FIRST, SECOND))
        for _ in range(TRIES):
            self.assertEqual(self.arrived().count(SECOND), 0)
            self.let_pass()
            self.send()
        first, *others = Message.objects.order_by("number")
        self.assertEqual((first.state, first.attempts), ("failed", TRIES))
        self.assertIsNotNone(first.finished_at)
        self.assertTrue(all(message.due_at <= now() for message in others))
        self.assertEqual(self.fares().state, "active")
        Subscription.objects.update(pause_until=now())  # it failed often in a row
        self.send()
        self.assertEqual(self.arrived()[TRIES:], ["call.answered", SECOND])

    def test_410_stops_the_subscription_and_nothing_is_lost(self):
        self.target.default = 410
        self.happen(1)
        self.send()
        self.assertEqual(self.fares().state, Subscription.State.STOPPED)
        self.assertIn("410 Gone", self.subscription.reason)
        self.happen(2)
        self.let_pass()
        self.assertEqual(self.send(), 0)
        self.assertEqual(self.states(), {"queued": 2})
        self.target.default = 200
        again.resume(self.subscription)
        self.assertEqual((self.subscription.state, self.subscription.reason), ("active", ""))
        self.assertEqual(self.send(), 2)

    def test_a_target_is_dead_after_a_day_of_nothing_but_failures(self):
        self.target.default = 500
        self.happen(1)
        long_ago = now() - DEAD_AFTER - timedelta(minutes=1)
        for failures, since, state in (
            (DEAD_AFTER_TRIES, now(), "active"),
            (DEAD_AFTER_TRIES - 2, long_ago, "active"),
            (DEAD_AFTER_TRIES - 1, long_ago, "stopped"),
        ):
            Subscription.objects.update(failures=failures, failing_since=since)
            self.let_pass()
            self.send()
            self.assertEqual(self.fares().state, state)
        self.assertRegex(self.subscription.reason, r"^10 tries failed since .*answered 500\.$")

    def test_people_pausing_it_meanwhile_is_not_undone(self):
        self.target.default = 410
        self.happen(1)
        tell_all()
        claims = claim("me", 5, Counter(), 8, LEASE)
        Subscription.objects.update(state="paused")
        sender = Sender("me", threading.Event())
        sender._busy[self.subscription.pk] += 1
        sender._claims.put(claims[0])
        sender.run_due()
        self.assertEqual(self.fares().state, "paused")

    def test_paused_targets_hear_nothing_until_they_are_resumed(self):
        Subscription.objects.update(state="paused")
        self.happen(1, steps=(FIRST, SECOND))
        self.assertEqual(self.send(), 0)
        again.resume(self.subscription)
        self.send()
        self.assertEqual(self.arrived(), [FIRST, "call.answered", SECOND])

    def test_a_target_that_fails_in_a_row_is_left_alone_then_probed_with_one(self):
        self.target.default = 503
        self.happen(*range(40))
        self.send(threads=1)
        self.assertEqual(len(self.target.came), PATIENCE)
        self.assertGreater(self.fares().pause_until, now())
        self.let_pass()
        self.send()
        self.assertEqual(len(self.target.came), PATIENCE + 1)
        self.assertEqual(self.send(), 0)
        self.target.default = 200
        Subscription.objects.update(pause_until=now())  # those that failed still wait
        self.send()
        self.assertEqual((self.fares().failures, self.fares().pause_until), (0, None))
        self.assertEqual(self.states(), {"delivered": 40})

    def test_only_one_of_two_workers_probes(self):
        self.happen(1, 2, 3)
        tell_all()
        Subscription.objects.update(failures=PATIENCE, pause_until=now())
        self.assertEqual(len(claim("one", 10, Counter(), 8, LEASE)), 1)
        self.assertEqual(claim("two", 10, Counter(), 8, LEASE), [])

    def test_each_failure_in_a_row_halves_what_a_target_gets_at_once(self):
        self.happen(*range(20))
        tell_all()
        for failures, most in ((0, 8), (1, 4), (2, 2), (3, 1), (4, 1)):
            Subscription.objects.update(failures=failures)
            self.let_pass()
            self.assertEqual(len(claim("me", 20, Counter(), 8, LEASE)), most)
        self.let_pass()
        Subscription.objects.update(failures=0)
        busy = Counter({self.subscription.pk: 6})
        self.assertEqual(len(claim("me", 20, busy, 8, LEASE)), 2)

    def test_retry_after_holds_the_message_and_a_busy_target(self):
        self.target.headers = "Retry-After: 600\r\n"
        self.target.default = 429
        self.happen(1)
        self.send()
        soon = now() + timedelta(seconds=500)
        self.assertGreater(Message.objects.get().due_at, soon)
        self.assertGreater(self.fares().pause_until, soon)
        self.happen(2)
        self.assertEqual(self.send(), 0)
