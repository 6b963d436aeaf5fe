"""What tests of sending share: a real target, a subscription to it, calls that happen."""

import threading
from collections import Counter
from datetime import timedelta

from django.test import TestCase
from django.utils.timezone import now

from webhooks.models import Message, Subscription
from webhooks.outgoing.sending import Sender

from .happenings import fact, happen, make_account
from .listening import LOOPBACK, Target
from .subscribing import subscribe

LEASE = timedelta(seconds=60)
FIRST, SECOND = "call.started", "call.finalized"


class SendingTestCase(TestCase):
    def setUp(self):
        make_account()
        changed = self.settings(OUTGOING_ALLOWED_NETWORKS=LOOPBACK, OUTGOING_ALLOW_HTTP=True)
        self.enterContext(changed)
        self.target = self.enterContext(Target().running())
        self.subscription = subscribe(self.target.url)

    def happen(self, *numbers, steps=(FIRST,)):
        for step in steps:
            happen(*(fact(number, step) for number in numbers))

    def send(self, **options):
        """What is due now; what failed is due later."""
        sender = Sender("sender", threading.Event(), **options)
        return sender.run_due()

    def let_pass(self):
        """As if all pauses and leases were over."""
        Message.objects.filter(state="queued").update(due_at=now() - timedelta(seconds=1))
        Subscription.objects.filter(pause_until__isnull=False).update(pause_until=now())

    def states(self):
        return dict(Counter(Message.objects.values_list("state", flat=True)))

    def arrived(self, key=None):
        return [event for _, event, each in self.target.came if key in (None, each)]

    def fares(self):
        self.subscription.refresh_from_db()
        return self.subscription
