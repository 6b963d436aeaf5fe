"""What an integration may no longer read is not sent to it either, whenever it was queued."""

import json

from calls.models import Call
from tests import factories
from webhooks.models import Attempt, Message
from webhooks.outgoing import again

from .case import FIRST, SendingTestCase
from .happenings import id_of
from .subscribing import subscribe, tell_all

NUMBER = "+13125550007"
ADDRESS = "https://recordings.example/RE1"
ALL = ["calls:read", "recordings:read", "deliveries:read", "numbers:full", "webhooks:write"]


class WithdrawnTests(SendingTestCase):
    def setUp(self):
        super().setUp()
        self.subscription.delete()
        self.subscription = subscribe(self.target.url, scopes=ALL, full_numbers=True)

    def queue(self):
        """A message with whole numbers."""
        self.happen(7)
        tell_all()
        message = Message.objects.get()
        self.assertIn(NUMBER, message.body)
        return message

    def withdraw(self, *scopes):
        integration = self.subscription.integration
        integration.scopes = [scope for scope in ALL if scope not in scopes]
        integration.save()

    def sent(self):
        return [body.decode() for _, body in self.target.requests]

    def test_numbers_of_what_is_queued(self):
        message = self.queue()
        self.withdraw("numbers:full")
        self.assertEqual(self.send(), 1)
        [body] = self.sent()
        self.assertNotIn("5550007", body)
        self.assertEqual(json.loads(body)["data"]["id"], str(message.subject))

    def test_numbers_of_what_is_sent_again(self):
        self.queue()
        self.send()
        self.withdraw("numbers:full")
        again.redeliver(Message.objects.get())
        self.assertEqual(self.send(), 1)
        first, second = self.sent()
        self.assertIn(NUMBER, first)
        self.assertNotIn("5550007", second)

    def test_numbers_of_what_waited_while_it_was_paused(self):
        self.queue()
        type(self.subscription).objects.update(state="paused", full_numbers=False)
        again.resume(self.subscription)
        self.send()
        self.assertNotIn("5550007", self.sent()[0])

    def test_addresses_of_recordings(self):
        message = self.queue()
        body = json.loads(message.body)
        body["data"]["reason"] = f"no such host: {ADDRESS}"
        Message.objects.update(body=json.dumps(body))
        self.withdraw("recordings:read")
        self.send()
        [sent] = self.sent()
        self.assertNotIn("recordings.example", sent)
        self.assertIn(NUMBER, sent)

    def test_events_are_given_up_and_the_log_says_why(self):
        message = self.queue()
        self.withdraw("calls:read")
        self.assertEqual(self.send(), 0)
        self.assertEqual(self.sent(), [])
        message.refresh_from_db()
        self.assertEqual((message.state, message.worker), ("failed", ""))
        self.assertEqual(Attempt.objects.get().error[:8], "not sent")
        self.assertEqual(self.fares().failures, 0)  # its target is well

    def test_nothing_goes_to_an_integration_that_is_switched_off(self):
        self.queue()
        again.send_test(self.subscription)
        integration = self.subscription.integration
        for active, tries in ((False, 0), (True, 2)):
            integration.active = active
            integration.save()
            self.assertEqual(self.send(), tries)

    def test_what_may_be_told_is_sent_as_it_is(self):
        self.queue()
        masked = subscribe(self.target.url, scopes=["calls:read"], events=[FIRST])
        self.happen(8)
        Call.objects.filter(pk=id_of(8)).update(provider_request_id="900001234567")
        self.send()
        self.assertIn("900001234567", masked.messages.get().body)
        bodies = Message.objects.values_list("body", flat=True)
        self.assertEqual(sorted(self.sent()), sorted(bodies))
        self.assertIn("••••••0008", masked.messages.get().body)


class TestsOfTargets(SendingTestCase):
    def test_a_test_needs_no_scope(self):
        Message.objects.all().delete()
        bare = subscribe(self.target.url, integration=factories.IntegrationFactory(scopes=["x"]))
        again.send_test(bare)
        self.send()
        self.assertEqual(Message.objects.get().state, "delivered")
