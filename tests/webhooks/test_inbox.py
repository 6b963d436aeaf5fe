"""Group commit: what is waiting goes together, and one bad delivery spoils nothing."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from unittest import mock

from django.db import connection, connections
from django.test import TestCase, TransactionTestCase
from django.utils.timezone import now

from calls.choices import Strength
from calls.facts import CallFact, Claim
from calls.models import Call, Leg
from tests.webhooks.door import Door, call_event, call_report, to_bytes
from webhooks import committer, inbox
from webhooks.deliveries import build
from webhooks.models import Delivery, State
from webhooks.providers import PROVIDERS
from webhooks.providers.base import BaseProvider, Reading


@dataclass
class Buggy(BaseProvider):
    """A parser with a fault: for some calls it raises, for others it says what no column takes."""

    real: BaseProvider

    def describe(self, message):
        return self.real.describe(message)

    def acknowledge(self, message, scripts):
        return self.real.acknowledge(message, scripts)

    def parse(self, message, context):
        if b"CARAISES" in message.body:
            raise ZeroDivisionError("a fault of ours")
        if b"CAPOISON" in message.body:
            claim = Claim(Strength.FINAL, 0)
            return Reading([CallFact(call_id="CAPOISON", claim=claim, duration_seconds=2**70)])
        return self.real.parse(message, context)


@contextmanager
def buggy():
    with mock.patch.dict(PROVIDERS, freeclimb=Buggy(PROVIDERS["freeclimb"])):
        yield


class StoreTests(Door, TestCase):
    def deliveries(self, *call_ids):
        signed_at = now()
        return [
            build(
                self.freeclimb,
                method="POST",
                body=to_bytes(call_event(callId=call_id)),
                signed_at=signed_at,
            )
            for call_id in call_ids
        ]

    def test_a_batch_is_stored_parsed_and_merged(self):
        batch = self.deliveries("CA1", "CA2", "CA1")
        inbox.store(batch)
        self.assertEqual(Delivery.objects.filter(state=State.PROCESSED).count(), 2)
        self.assertEqual(Call.objects.count(), 2)
        self.assertEqual(Leg.objects.count(), 2)

    def test_a_poison_delivery_ends_as_failed_and_the_others_are_untouched(self):
        batch = self.deliveries("CA1", "CAPOISON", "CARAISES", "CA2")
        with buggy(), self.assertLogs("webhooks.inbox", "ERROR"):
            inbox.store(batch)
        states = {d.json_id: d for d in self.by_call()}
        self.assertEqual(states["CA1"].state, State.PROCESSED)
        self.assertEqual(states["CA2"].state, State.PROCESSED)
        for name, word in (("CAPOISON", "Error"), ("CARAISES", "ZeroDivisionError: a fault")):
            self.assertEqual(states[name].state, State.FAILED)
            self.assertIn(word, states[name].reason)
        self.assertEqual(
            set(Call.objects.values_list("provider_call_id", flat=True)), {"CA1", "CA2"}
        )

    def test_what_failed_is_processed_again_after_the_fix(self):
        """Promise 2: what could not be processed can be again."""
        with buggy(), self.assertLogs("webhooks.inbox", "ERROR"):
            inbox.store(self.deliveries("CARAISES"))
        self.assertFalse(Call.objects.exists())
        inbox.process_again(list(Delivery.objects.all()))
        delivery = Delivery.objects.get()
        self.assertEqual((delivery.state, delivery.reason, delivery.attempts), ("processed", "", 2))
        self.assertEqual(Call.objects.get().provider_call_id, "CARAISES")

    def test_processing_again_changes_no_revision(self):
        inbox.store(self.deliveries("CA1"))
        inbox.process_again(list(Delivery.objects.all()))
        self.assertEqual(Call.objects.get().revision, 1)

    def test_what_the_door_noted_outlives_processing_again(self):
        self.post_freeclimb(call_event("outDialConnect"))
        inbox.process_again(list(Delivery.objects.all()))
        self.assertEqual(Delivery.objects.get().reason, "answered without a script")

    def test_no_request_type_can_forge_what_the_door_notes(self):
        self.post_freeclimb(call_event("answered without a script"))
        before = Delivery.objects.get().reason
        self.assertTrue(before.startswith("unknown requestType"))
        inbox.process_again(list(Delivery.objects.all()))
        self.assertEqual(Delivery.objects.get().reason, before)

    def by_call(self):
        for delivery in Delivery.objects.all():
            delivery.json_id = bytes(delivery.body).split(b'"callId":"')[1].split(b'"')[0].decode()
            yield delivery


class ThreadTests(Door, TransactionTestCase):
    def test_many_threads_post_and_all_is_there(self):
        """Promise 1: acknowledged by another thread, yet committed."""
        codes = []

        def post(number):
            codes.append(self.post_callerdesk(call_report(CallSid=f"{number % 7}.1")).status_code)
            connections.close_all()

        threads = [threading.Thread(target=post, args=(n,)) for n in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        self.assertEqual(codes, [200] * 24)
        self.assertEqual(Call.objects.count(), 7)
        self.assertEqual(Delivery.objects.count(), 7)

    def test_what_cannot_be_stored_gets_a_503_and_a_time_to_retry(self):
        """Promise 1: never a 2xx for what is not stored."""
        with locked_out():
            response = self.post_callerdesk(call_report())
            # Only here: the committer goes on waiting, and stores it once it can.
            self.assertFalse(Delivery.objects.exists())
        self.assertEqual((response.status_code, response["Retry-After"]), (503, "5"))
        self.assertEqual(self.post_callerdesk(call_report()).status_code, 200)

    def test_rows_that_others_change_meanwhile_are_read_again(self):
        """Promise 3: two processes at one call lose no word."""
        inbox.store([self.delivery_of("ringing", 0)])
        if connection.vendor == "sqlite":
            self.skipTest("SQLite lets one writer in at a time: nothing can come between")
        merge, theirs = inbox.ledger.merge, self.delivery_of("completed", 1)
        knew = []

        def slow_merge(spoken, before, changes):
            knew.extend(call.revision for call in before[CallFact].values())
            if len(knew) == 1:
                self.in_another_thread(lambda: inbox.store([theirs]))
            return merge(spoken, before, changes)

        with mock.patch.object(inbox.ledger, "merge", slow_merge):
            inbox.store([self.delivery_of("inProgress", 2)])
        self.assertEqual(knew, [1, 1, 2])  # the others' turn is the second
        call = Call.objects.get()
        self.assertEqual((call.status, call.revision), ("completed", 3))
        self.assertIsNotNone(call.answered_at)

    def delivery_of(self, word, seconds):
        kind = "callStatus" if word == "completed" else "getDigits"
        return build(
            self.freeclimb,
            method="POST",
            body=to_bytes(call_event(kind, callStatus=word)),
            signed_at=now() + timedelta(seconds=seconds),
        )

    def in_another_thread(self, work):
        def run():
            work()
            connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(10)


@contextmanager
def locked_out():
    """Nobody else can write; waiting for it is cut short."""
    other = connection.copy("default")
    try:
        if connection.vendor == "sqlite":
            other.settings_dict["OPTIONS"]["transaction_mode"] = "EXCLUSIVE"
        with mock.patch.object(committer, "PATIENCE", 0.2), transaction_of(other):
            yield
    finally:
        other.close()


@contextmanager
def transaction_of(other):
    other.ensure_connection()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        if other.vendor == "sqlite":
            cursor.execute("UPDATE webhooks_endpoint SET label = label")
        else:
            cursor.execute("LOCK TABLE webhooks_delivery IN EXCLUSIVE MODE")
        yield
    other.rollback()
