"""Messages are forgotten after a while."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.test import TestCase
from django.utils.timezone import now

from calltrack import jobs
from calltrack.models import Job
from calltrack.worker import Worker
from webhooks.jobs import JOBS, RECURRING
from webhooks.models import Attempt, Message

from .subscribing import subscribe


class ForgettingTests(TestCase):
    def message(self, subscription, state, age):
        return Message.objects.create(
            id=uuid4(),
            subscription=subscription,
            event="call.started",
            subject=uuid4(),
            number=1,
            body="{}",
            state=state,
            created_at=now() - age,
        )

    def test_old_ones_are_deleted_unless_they_are_still_to_be_sent(self):
        old, young = settings.OUTGOING_KEPT + timedelta(hours=1), timedelta(days=1)
        active, paused = subscribe(), subscribe(state="paused")
        gone = [
            self.message(active, "delivered", old),
            self.message(active, "failed", old),
            self.message(paused, "queued", old),
        ]
        kept = [
            self.message(active, "queued", old),
            self.message(active, "delivered", young),
            self.message(paused, "queued", young),
        ]
        for message in (*gone, *kept):
            Attempt.objects.create(message=message, seconds=0.1)
        self.assertIn("forget_messages", RECURRING)
        job = jobs.enqueue("forget_messages")
        Worker(JOBS, {}).run_due()
        job.refresh_from_db()
        self.assertEqual((job.state, job.message), (Job.State.DONE, "3 old messages deleted"))
        self.assertEqual(set(Message.objects.all()), set(kept))
        self.assertEqual(Attempt.objects.count(), len(kept))
