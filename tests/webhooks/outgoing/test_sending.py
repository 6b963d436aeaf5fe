"""Messages on their way: order, leases, what a killed worker leaves, sending again."""

import json
import threading
from collections import Counter

import pytest
from django.utils.timezone import now
from standardwebhooks.webhooks import Webhook

from webhooks.models import Attempt, Message, Subscription
from webhooks.outgoing import again, claiming
from webhooks.outgoing.claiming import claim, claim_tests
from webhooks.outgoing.pace import TRIES, Pace
from webhooks.outgoing.sending import Sender
from webhooks.outgoing.signing import new_secret

from .case import FIRST, LEASE, SECOND, SendingTestCase
from .happenings import STORY, fact, happen, id_of, make_account
from .listening import LOOPBACK, Target, closed_port
from .subscribing import subscribe, tell_all


class DeliveryTests(SendingTestCase):
    def test_it_arrives_signed_and_is_logged(self):
        former = new_secret()
        Subscription.objects.update(former_secret=former)
        self.happen(1)
        self.assertEqual(self.send(), 1)
        [(headers, body)] = self.target.requests
        message = Message.objects.get()
        for secret in (self.subscription.secret, former):
            self.assertEqual(Webhook(secret).verify(body, headers), json.loads(message.body))
        self.assertEqual(headers["webhook-id"], str(message.pk))
        self.assertEqual(headers["content-type"], "application/json")
        self.assertEqual((message.state, message.attempts, message.worker), ("delivered", 1, ""))
        self.assertIsNotNone(message.finished_at)
        attempt = Attempt.objects.get()
        self.assertEqual((attempt.status, attempt.error, attempt.answer), (200, "", "so it is"))
        self.assertEqual((self.fares().failures, self.fares().failing_since), (0, None))
        self.assertIsNotNone(self.fares().last_success_at)

    def test_each_call_in_order_and_different_calls_beside_each_other(self):
        self.happen(*range(20), steps=STORY)
        self.assertEqual(self.send(), 80)
        for number in range(20):
            self.assertEqual(self.arrived(str(id_of(number))), list(STORY))

    def test_a_later_event_waits_for_the_earlier_one(self):
        self.target.statuses[FIRST] = [500, 200]
        self.happen(1, steps=(FIRST, SECOND))
        self.assertEqual(self.send(), 1)
        self.happen(1, steps=["call.changed"])
        self.assertEqual(self.send(), 0)
        self.assertEqual(self.arrived(), [FIRST])
        self.let_pass()
        self.assertEqual(self.send(), 4)
        events = [FIRST, FIRST, "call.answered", SECOND, "call.changed"]
        self.assertEqual(self.arrived(), events)
        self.assertEqual(len({key for key, *_ in self.target.came}), 4)

    def test_who_waited_for_another_goes_on_as_soon_as_that_has_arrived(self):
        self.target.statuses[FIRST] = [500, 200]
        self.happen(1, steps=(FIRST, SECOND))
        self.send()
        messages = Message.objects.order_by("number")
        self.assertTrue(all(message.due_at > now() for message in messages))
        Message.objects.filter(pk=messages[0].pk).update(due_at=now())
        self.assertEqual(self.send(), 3)
        self.assertEqual(self.states(), {"delivered": 3})

    def test_other_calls_do_not_wait(self):
        self.target.statuses[str(id_of(1))] = 500
        self.happen(1, 2)
        self.send()
        self.assertEqual(self.states(), {"queued": 1, "delivered": 1})

    def test_one_subscription_does_not_wait_for_another(self):
        other = self.enterContext(Target().running())
        other.default = 500
        subscribe(other.url)
        self.happen(1, 2, 3)
        self.send()
        self.assertEqual(self.subscription.messages.filter(state="delivered").count(), 3)

    def test_what_is_not_2xx_failed(self):
        for number, status in enumerate((301, 400, 404, 500, 204)):
            self.target.statuses[str(id_of(number))] = status
        self.happen(*range(5))
        self.send()
        self.assertEqual(self.states(), {"queued": 4, "delivered": 1})
        errors = dict(Attempt.objects.values_list("status", "error"))
        self.assertEqual(errors[204], "")
        self.assertEqual(errors[301], "answered 301, redirects are not followed")
        self.assertEqual(errors[404], "answered 404")

    def test_nobody_there(self):
        Subscription.objects.update(url=f"http://127.0.0.1:{closed_port()}/")
        self.happen(1)
        self.send()
        attempt = Attempt.objects.get()
        self.assertEqual((attempt.status, attempt.answer), (None, ""))
        self.assertEqual(attempt.error, "the connection failed: Connection refused")
        self.assertGreater(Message.objects.get().due_at, now())

    def test_a_body_is_sent_each_time_as_it_was_stored(self):
        self.target.statuses[FIRST] = [500, 200]
        self.happen(1)
        self.send()
        self.happen(1, steps=[SECOND])
        self.let_pass()
        self.send()
        bodies = [body for headers, body in self.target.requests]
        self.assertEqual(bodies[0], bodies[1])

    def test_a_secret_that_is_none_stops_no_thread(self):
        Subscription.objects.update(secret="whsec_broken")
        self.happen(1)
        with self.assertLogs("webhooks.outgoing.trying", "ERROR"):
            self.send(threads=1)
        self.assertIn("could not be sent", Attempt.objects.get().error)


class LeaseTests(SendingTestCase):
    def claim(self, worker, lease=LEASE):
        return claim(worker, 50, Counter(), 50, lease)

    def test_two_workers_never_hold_the_same_message(self):
        self.happen(*range(10), steps=(FIRST, SECOND))
        tell_all()
        first = claim("one", 4, Counter(), 50, LEASE)
        second = self.claim("two")
        held = [each.message for each in (*first, *second)]
        self.assertEqual((len(held), len(set(held))), (10, 10))  # of each call the first event
        self.assertEqual(self.claim("three"), [])

    def test_of_two_who_chose_the_same_message_one_gets_it(self):
        self.happen(1)
        tell_all()
        at, until = now(), now() + LEASE
        keys, targets = claiming._choose(5, Counter(), 8, at, until)
        [mine] = self.claim("quicker")
        self.assertEqual(keys, [mine.message])
        self.assertEqual(claiming._hold("slower", keys, targets, at, until), [])
        self.assertEqual(Message.objects.get().worker, "quicker")

    def test_what_a_killed_worker_held_is_taken_over_when_its_lease_ends(self):
        self.happen(1, steps=(FIRST, SECOND))
        tell_all()
        [held] = self.claim("killed")
        self.assertEqual(self.send(), 0)
        self.let_pass()
        self.assertEqual(self.send(), 3)
        self.assertEqual(self.arrived(), [FIRST, "call.answered", SECOND])
        self.assertEqual(self.target.came[0][0], str(held.message))

    def test_who_lost_its_lease_changes_nothing_but_the_log(self):
        self.happen(1)
        tell_all()
        [late] = self.claim("late")
        self.let_pass()
        [taken] = self.claim("taker")
        self.assertEqual(taken.message, late.message)
        sender = Sender("late", threading.Event())
        sender._busy[self.subscription.pk] += 1
        sender._claims.put(late)
        sender.run_due()
        message = Message.objects.get()
        self.assertEqual((message.state, message.worker), ("queued", "taker"))
        self.assertEqual(Attempt.objects.count(), 1)

    def test_a_subscription_that_was_deleted_meanwhile(self):
        self.happen(1)
        tell_all()
        [held] = self.claim("me")
        Subscription.objects.all().delete()
        sender = Sender("me", threading.Event())
        sender._busy[self.subscription.pk] += 1
        sender._claims.put(held)
        sender.run_due()
        self.assertFalse(Attempt.objects.exists())


class AgainTests(SendingTestCase):
    def test_redelivered_with_the_same_id_and_body(self):
        self.happen(1)
        self.send()
        message = Message.objects.get()
        self.assertEqual(again.redeliver(message).state, "queued")
        with self.assertRaisesMessage(ValueError, "queued already"):
            again.redeliver(message)
        self.send()
        ids = [key for key, *_ in self.target.came]
        self.assertEqual(ids, [str(message.pk)] * 2)
        self.assertEqual(Attempt.objects.filter(message=message).count(), 2)
        message.refresh_from_db()
        self.assertEqual((message.state, message.attempts), ("delivered", 1))

    def test_what_was_given_up_has_all_its_tries_again(self):
        self.happen(1)
        tell_all()
        Message.objects.update(state="failed", attempts=TRIES, finished_at=now())
        again.redeliver(Message.objects.get())
        self.target.default = 500
        self.send()
        self.assertEqual(Message.objects.get().state, "queued")

    def test_a_test_goes_to_a_paused_target_once_and_says_nothing_of_its_health(self):
        for status, state in ((200, "delivered"), (500, "failed")):
            Subscription.objects.update(state="paused")
            self.target.default = status
            message = again.send_test(self.subscription)
            self.send()
            message.refresh_from_db()
            self.assertEqual((message.state, message.attempts), (state, 1))
            self.assertEqual(self.fares().failures, 0)
            self.assertIsNone(self.subscription.last_success_at)
        headers, body = self.target.requests[-1]
        self.assertEqual(Webhook(self.subscription.secret).verify(body, headers)["type"], "test")

    def test_what_was_deleted_is_neither_resumed_nor_tested(self):
        Subscription.objects.update(state="deleted")
        again_with = self.fares()
        for function in (again.resume, again.send_test):
            with self.assertRaisesMessage(ValueError, "deleted"):
                function(again_with)
        self.assertEqual(claim_tests("me", 5, LEASE), [])


@pytest.mark.parametrize("threads", [1, 16])
@pytest.mark.django_db(transaction=True)
def test_told_to_stop_it_settles_what_is_under_way(settings, threads):
    settings.OUTGOING_ALLOWED_NETWORKS, settings.OUTGOING_ALLOW_HTTP = LOOPBACK, True
    make_account()
    stop = threading.Event()
    with Target().running() as target:
        subscribe(target.url)
        happen(*(fact(number, FIRST) for number in range(30)))
        target.before = stop.set  # while one is being answered
        Sender("me", stop, threads=threads, pace=Pace()).run()
        delivered = Message.objects.filter(state="delivered").count()
        assert delivered == len(target.came) == Attempt.objects.count() > 0
        assert not Message.objects.filter(state="queued").exclude(worker="").exists()
