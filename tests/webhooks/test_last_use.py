"""When a token or signing secret was used last, without costing a webhook anything."""

import threading
from datetime import timedelta
from unittest import mock

from django.db import DatabaseError, connection
from django.test import TestCase, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from tests.webhooks.door import OTHER_SECRET, Door, call_event, call_report
from webhooks import admission, endpoints, last_use
from webhooks.models import Delivery, Secret


class LastUseTests(Door, TestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(last_use._noted.clear)

    def used(self, endpoint, kind="token"):
        return (
            endpoint.secrets.filter(kind=kind)
            .order_by("created_at")
            .values_list("last_used_at", flat=True)
        )

    def test_what_let_a_request_in_is_noted(self):
        endpoints.add_signing_secret(self.freeclimb, OTHER_SECRET)
        endpoints.new_token(self.freeclimb)
        self.post_freeclimb(call_event(), secret=OTHER_SECRET)
        self.assertEqual([at is None for at in self.used(self.freeclimb)], [False, True])
        self.assertEqual([at is None for at in self.used(self.freeclimb, "signing")], [True, False])

    def test_what_did_not_is_not(self):
        self.post_freeclimb(call_event(), secret="sigsec_wrong")
        self.assertEqual(set(self.used(self.freeclimb)), {None})
        self.assertEqual(set(self.used(self.freeclimb, "signing")), {None})

    def test_within_a_minute_it_costs_no_query(self):
        self.post_callerdesk(call_report(CallSid="1.1"))
        (first,) = self.used(self.callerdesk)
        for other in (False, True):  # the same process, another one
            if other:
                last_use._noted.clear()
                admission.forget()
            with CaptureQueriesContext(connection) as captured:
                self.post_callerdesk(call_report(CallSid=f"2.{other:d}"))
            secrets = [q["sql"] for q in captured if "webhooks_secret" in q["sql"]]
            self.assertEqual(bool(secrets), other)
            self.assertFalse([one for one in secrets if one.startswith("UPDATE")])
        self.assertEqual(list(self.used(self.callerdesk)), [first])

    def test_after_a_minute_it_is_noted_again(self):
        old = now() - timedelta(seconds=61)
        Secret.objects.update(last_used_at=old)
        self.post_callerdesk(call_report())
        self.assertGreater(list(self.used(self.callerdesk))[0], old)

    def test_of_two_processes_one_writes(self):
        at = now()
        secret = self.callerdesk.secrets.get()
        last_use._write_use([secret.pk], at)
        with self.assertNumQueries(1):
            last_use._write_use([secret.pk], at + timedelta(seconds=30))
        self.assertEqual(list(self.used(self.callerdesk)), [at])


class BesideTheRequestTests(Door, TransactionTestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(last_use._noted.clear)

    def wait(self):
        for thread in threading.enumerate():
            if thread.name == "note-use":
                thread.join()

    def test_it_is_written_by_a_thread_of_its_own(self):
        self.post_callerdesk(call_report())
        self.wait()
        self.assertIsNotNone(self.callerdesk.secrets.get().last_used_at)

    def test_a_database_that_refuses_it_harms_no_webhook(self):
        with (
            mock.patch.object(last_use, "_write_use", side_effect=DatabaseError("locked")),
            self.assertLogs("webhooks.last_use", "WARNING"),
        ):
            self.assertEqual(self.post_callerdesk(call_report()).status_code, 200)
            self.wait()
        self.assertEqual(Delivery.objects.count(), 1)
