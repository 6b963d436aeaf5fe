from datetime import timedelta

from django.db import DataError, OperationalError, connection, transaction
from django.test import TestCase, TransactionTestCase
from django.utils.timezone import now

from calltrack import jobs, worker
from calltrack.models import Job
from calltrack.worker import Worker
from tests.webhooks.commands import run
from webhooks.jobs import JOBS, RECURRING

OFTEN = timedelta(seconds=5)
KINDS = ["a", "b", "c"]


def make_worker(recurring=(), **handlers):
    return Worker(handlers, dict(recurring))


def let_time_pass(job):
    """As if its lease and its pauses were over."""
    past = now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(run_at=past)
    Job.objects.filter(pk=job.pk, lease_until__isnull=False).update(lease_until=past)


class ClaimTests(TestCase):
    def test_the_oldest_that_is_due_comes_first(self):
        second, first = jobs.enqueue("a"), jobs.enqueue("b")
        Job.objects.filter(pk=first.pk).update(run_at=now() - timedelta(hours=1))
        later = jobs.enqueue("c")
        Job.objects.filter(pk=later.pk).update(run_at=now() + timedelta(hours=1))
        self.assertEqual(jobs.claim("me", KINDS).pk, first.pk)
        self.assertEqual(jobs.claim("me", KINDS).pk, second.pk)
        self.assertIsNone(jobs.claim("me", KINDS))
        self.assertFalse(jobs.due(KINDS))

    def test_nobody_else_gets_it_while_the_lease_holds(self):
        job = jobs.enqueue("a")
        mine = jobs.claim("me", KINDS)
        self.assertIsNone(jobs.claim("you", KINDS))
        let_time_pass(job)
        self.assertEqual(jobs.claim("you", KINDS).pk, job.pk)
        self.assertFalse(jobs.finish(mine, "", None))
        with self.assertRaises(jobs.LeaseLost):
            progress_of(mine).save(done=1)
        job.refresh_from_db()
        self.assertEqual((job.worker, job.done, job.attempts), ("you", 0, 2))

    def test_two_who_saw_the_same_do_not_both_get_it(self):
        jobs.enqueue("a")
        seen = jobs._next_due

        def slowly(kinds, at):
            job = seen(kinds, at)
            jobs._next_due = seen
            self.assertIsNotNone(jobs.claim("you", KINDS))  # in between
            return job

        jobs._next_due = slowly
        self.addCleanup(setattr, jobs, "_next_due", seen)
        self.assertIsNone(jobs.claim("me", KINDS))
        self.assertEqual(Job.objects.get().worker, "you")

    def test_what_kills_its_worker_again_and_again_is_failed(self):
        job = jobs.enqueue("a")
        for _ in range(jobs.TRIES):
            self.assertIsNotNone(jobs.claim("me", KINDS))
            let_time_pass(job)
        self.assertIsNone(jobs.claim("me", KINDS))
        job.refresh_from_db()
        self.assertEqual(job.state, Job.State.FAILED)
        self.assertIn(f"ended {jobs.TRIES} times", job.message)

    def test_what_gets_further_each_time_may_go_on(self):
        job = jobs.enqueue("a")
        for n in range(2 * jobs.TRIES):
            progress_of(jobs.claim("me", KINDS)).save(position={"n": n})
            let_time_pass(job)
        self.assertEqual(jobs.claim("me", KINDS).position, {"n": 2 * jobs.TRIES - 1})

    def test_saving_renews_the_lease_and_keeps_what_is_not_said(self):
        job = jobs.enqueue("a")
        progress = progress_of(jobs.claim("me", KINDS, timedelta(seconds=1)))
        progress.save(done=3, total=10)
        progress.save(position={"n": 3})
        job.refresh_from_db()
        self.assertEqual((job.done, job.total, job.position), (3, 10, {"n": 3}))
        self.assertGreater(job.lease_until, now() + jobs.LEASE / 2)


def progress_of(job):
    return jobs.Progress(job, lease=jobs.LEASE, interrupted=lambda: False)


class OutcomeTests(TestCase):
    def run_due(self, recurring=(), **handlers):
        return make_worker(recurring, **handlers).run_due()

    def test_it_is_done(self):
        job = jobs.enqueue("greet", {"whom": "you"}, created_by="asha")

        def greet(progress, whom):
            progress.finish(f"Hello {whom}, says {progress.created_by}")

        self.assertEqual(self.run_due(greet=greet), 1)
        job.refresh_from_db()
        self.assertEqual((job.state, job.message), (Job.State.DONE, "Hello you, says asha"))
        self.assertEqual((job.worker, job.lease_until), ("", None))
        self.assertLessEqual(job.started_at, job.finished_at)

    def test_what_goes_wrong_is_told_at_once_and_the_next_one_runs(self):
        wrong, right = jobs.enqueue("wrong"), jobs.enqueue("right")

        def fail(progress):
            raise DataError("it holds a \0")

        with self.assertLogs("calltrack.worker", "ERROR"):
            self.assertEqual(self.run_due(wrong=fail, right=lambda progress: None), 2)
        wrong.refresh_from_db()
        right.refresh_from_db()
        self.assertEqual((wrong.state, wrong.message), (Job.State.FAILED, "DataError: it holds a "))
        self.assertEqual(right.state, Job.State.DONE)

    def test_an_error_of_the_database_is_tried_again_later_and_later(self):
        job = jobs.enqueue("busy")

        def busy(progress):
            try:
                raise OperationalError("database is locked")
            except OperationalError as error:
                raise RuntimeError("could not be stored") from error

        waits = []
        with self.assertLogs("calltrack.worker", "WARNING"):
            for _ in range(jobs.TRIES):
                begun = now()
                self.assertEqual(self.run_due(busy=busy), 1)
                job.refresh_from_db()
                waits.append((job.run_at - begun).total_seconds())
                self.assertIn("could not be stored", job.message)
                let_time_pass(job)
        for wait, expected in zip(waits[:-1], [5, 10, 20, 40], strict=True):
            self.assertAlmostEqual(wait, expected, delta=2)
        self.assertEqual(job.state, Job.State.FAILED)
        self.assertEqual(self.run_due(busy=busy), 0)

    def test_what_a_worker_does_not_know_is_left_for_a_newer_one(self):
        job = jobs.enqueue("unheard_of")
        self.assertEqual(self.run_due(known=lambda progress: None), 0)
        job.refresh_from_db()
        self.assertEqual(job.state, Job.State.QUEUED)
        self.assertEqual(self.run_due(unheard_of=lambda progress: None), 1)


class RecurringTests(TestCase):
    recurring = {"tick": OFTEN}

    def test_there_is_one_row_and_it_waits_for_its_next_time(self):
        runs = []
        for _ in range(2):  # workers
            make_worker(self.recurring, tick=lambda progress: runs.append(1)).run_due()
        job = Job.objects.get()
        self.assertEqual((len(runs), job.kind, job.state), (1, "tick", Job.State.QUEUED))
        self.assertGreater(job.run_at, now() + OFTEN / 2)
        let_time_pass(job)
        make_worker(self.recurring, tick=lambda progress: runs.append(2)).run_due()
        self.assertEqual(runs, [1, 2])

    def test_each_run_begins_anew(self):
        positions = []

        def tick(progress):
            positions.append((progress.position, progress.done))
            progress.save(done=5, total=6, position={"n": 5})

        for _ in range(2):
            make_worker(self.recurring, tick=tick).run_due()
            let_time_pass(Job.objects.get())
        self.assertEqual(positions, [({}, 0), ({}, 0)])

    def test_a_failure_is_shown_and_the_next_time_comes_all_the_same(self):
        def fail(progress):
            raise ValueError("no")

        with self.assertLogs("calltrack.worker", "ERROR"):
            make_worker(self.recurring, tick=fail).run_due()
        job = Job.objects.get()
        self.assertEqual((job.state, job.message), (Job.State.FAILED, "ValueError: no"))
        self.assertEqual(make_worker(self.recurring, tick=fail).run_due(), 0)
        let_time_pass(job)
        self.assertEqual(make_worker(self.recurring, tick=lambda progress: None).run_due(), 1)
        job.refresh_from_db()
        self.assertEqual((job.state, job.message), (Job.State.QUEUED, ""))

    def test_old_jobs_are_forgotten_finished_ones_only(self):
        long_ago = now() - jobs.KEPT - timedelta(days=1)
        states = [*Job.State, Job.State.DONE]
        made = [jobs.enqueue("a") for _ in states]
        for job, state in zip(made, states, strict=True):
            Job.objects.filter(pk=job.pk).update(
                state=state,
                run_at=long_ago,
                finished_at=long_ago,
                lease_until=now() + jobs.LEASE,
                worker="you",
            )
        Job.objects.filter(pk=made[-1].pk).update(finished_at=now())
        progress = progress_of(jobs.claim("me", KINDS))  # the queued one
        jobs.forget_old(progress)
        left = set(Job.objects.values_list("pk", flat=True))
        self.assertEqual(left, {made[0].pk, made[1].pk, made[-1].pk})
        self.assertEqual(progress.message, "2 old jobs deleted")


class InterruptionTests(TransactionTestCase):
    """Committed for real: only then a job makes room."""

    def setUp(self):
        slice_ = worker.SLICE
        worker.SLICE = 0
        self.addCleanup(setattr, worker, "SLICE", slice_)
        self.order = []

    def step(self, progress, name, steps):
        for n in range(progress.position.get("n", 0) + 1, steps + 1):
            with transaction.atomic():
                self.order.append(f"{name}{n}")
                progress.save(position={"n": n})

    def test_a_long_job_makes_room_for_those_that_wait(self):
        jobs.enqueue("step", {"name": "long", "steps": 3})
        jobs.enqueue("step", {"name": "short", "steps": 1})
        make_worker(step=self.step).run_due()
        self.assertEqual(self.order, ["long1", "short1", "long2", "long3"])
        self.assertEqual(set(Job.objects.values_list("state", flat=True)), {Job.State.DONE})

    def test_a_worker_told_to_stop_takes_no_other(self):
        jobs.enqueue("step", {"name": "long", "steps": 3})
        only = make_worker(step=self.step)
        only.stop.set()
        self.assertEqual(only.run_due(), 0)
        self.assertEqual(self.order, [])


class CommandTests(TestCase):
    def test_once_does_what_is_due_and_ends(self):
        out, err = run("work", once=True)
        self.assertEqual((out, err.strip()), ("", f"{len(RECURRING)} runs\n0 webhooks sent"))
        self.assertEqual(run("work", once=True)[1].strip(), "0 runs\n0 webhooks sent")
        jobs = Job.objects.exclude(kind="make_partitions")  # which has something to do at once
        self.assertEqual(set(jobs.values_list("state", "message")), {("queued", "")})

    def test_what_recurs_has_a_handler(self):
        self.assertEqual(set(RECURRING) - set(JOBS), set())

    def test_a_look_for_work_writes_nothing(self):
        only = Worker(JOBS, RECURRING)
        only.run_due()
        with self.assertNumQueries(3) as captured:
            only.run_one()
        self.assertTrue(all(query["sql"].startswith("SELECT") for query in captured))

    def test_what_is_due_is_found_by_index(self):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL enable_seqscan = off")
            for query in (Job.State.QUEUED, Job.State.RUNNING):
                plan = Job.objects.filter(state=query, run_at__lte=now()).order_by("run_at")
                self.assertIn("job_due", plan[:1].explain())
