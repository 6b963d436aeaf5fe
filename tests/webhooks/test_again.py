"""Processing again as a job: by key, from where it was, each delivery at least once."""

import json
from unittest import mock

from django.test import TestCase

from calls.models import Call
from calltrack.jobs import LEASE, Progress, claim, enqueue
from calltrack.models import Job
from tests import factories
from tests.factories import after
from tests.webhooks.door import call_event
from webhooks import again
from webhooks.jobs import JOBS
from webhooks.matching import Matching, what_is_wrong
from webhooks.models import Delivery, State


class KilledError(Exception):
    pass


class AgainTests(TestCase):
    def setUp(self):
        self.endpoint = factories.EndpointFactory()
        self.enterContext(mock.patch.object(again, "STEP", 3))

    def failed(self, n, **more):
        event = call_event(accountId=self.endpoint.account.provider_account_id, callId=f"CA{n:040}")
        more = {"state": State.FAILED, "reason": "It was not understood."} | more
        body = json.dumps(event).encode()
        return factories.DeliveryFactory(endpoint=self.endpoint, body=body, **more)

    def enqueue(self, **asked):
        return enqueue(again.KIND, again.arguments(Matching(**asked)))

    def work(self, killed_at=None):
        """What a worker does with the oldest job; killed after that many notes of its progress."""
        job = claim("worker", JOBS)
        progress = Progress(job, lease=LEASE, interrupted=lambda: False)
        save, notes = progress.save, []

        def noted(**kwargs):
            if killed_at is not None and len(notes) == killed_at:
                raise KilledError
            notes.append(kwargs)
            save(**kwargs)

        progress.save = noted
        JOBS[job.kind](progress, **job.arguments)
        return progress

    def states(self):
        return list(Delivery.objects.order_by("received_at").values_list("state", "attempts"))

    def test_all_that_match_are_processed_and_counted(self):
        for n in range(7):
            self.failed(n)
        hopeless = factories.DeliveryFactory(
            endpoint=self.endpoint, body=b"\xff", state=State.FAILED, reason="No."
        )
        factories.DeliveryFactory(endpoint=self.endpoint)
        self.enqueue(state="failed")
        progress = self.work()
        self.assertEqual(progress.message, "8 processed again, 1 of them failed.")
        self.assertEqual([progress.done, progress.total], [8, 8])
        self.assertEqual(Call.objects.count(), 7)
        hopeless.refresh_from_db()
        self.assertEqual(hopeless.attempts, 2)
        self.assertEqual(self.states()[-1], (State.PROCESSED, 1))

    def test_a_killed_job_goes_on_where_it_was(self):
        for n in range(8):
            self.failed(n)
        job = self.enqueue(state="failed")
        with self.assertRaises(KilledError):
            self.work(killed_at=2)  # the count, one step; the second step is not noted
        Job.objects.update(lease_until=job.created_at)
        progress = self.work()
        self.assertEqual({state for state, _ in self.states()}, {State.PROCESSED})
        # Those of the step that was not noted had left the state that was asked for: they lie
        # before what came next, and are not counted.
        self.assertEqual([attempts for _, attempts in self.states()], [2] * 8)
        self.assertEqual(progress.position["done"], 5)
        self.assertEqual(Call.objects.count(), 8)

    def test_it_refines_by_what_no_index_answers(self):
        wanted = self.failed(1, kind="callStatus", reason='unknown words: a "b12"')
        others = [
            self.failed(2, kind="inboundCall"),
            self.failed(3, reason='unknown words: b "b12"'),
            factories.DeliveryFactory(state=State.FAILED, reason="No."),
        ]
        alike = self.failed(4, kind="callStatus", reason='unknown words: a "b99"')
        self.enqueue(
            state="failed",
            kind="callStatus",
            provider="freeclimb",
            wrong=what_is_wrong(wanted.reason),
        )
        self.work()
        for one in (wanted, alike, *others):
            one.refresh_from_db()
        self.assertEqual([wanted.attempts, alike.attempts], [2, 2])
        self.assertEqual([one.attempts for one in others], [1, 1, 1])

    def test_equal_times_lose_nothing(self):
        for n in range(8):
            self.failed(n, received_at=factories.NOON)
        self.enqueue(state="failed")
        self.work()
        self.assertEqual(set(self.states()), {(State.PROCESSED, 2)})

    def test_what_comes_later_is_no_part_of_it(self):
        self.failed(1)
        job = self.enqueue()
        self.assertIn("until", job.arguments)
        late = self.failed(2, received_at=after(60 * 60 * 24 * 365 * 50))
        self.work()
        late.refresh_from_db()
        self.assertEqual(late.attempts, 1)

    def test_what_is_asked_for_survives_being_written_down(self):
        asked = Matching(
            state="failed", kind="x", endpoint="e", since=factories.NOON, until=after(9)
        )
        self.assertEqual(Matching.from_arguments(json.loads(json.dumps(asked.arguments()))), asked)
        self.assertEqual(Matching.from_arguments({"gone": 1}), Matching())
