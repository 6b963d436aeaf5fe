"""Background jobs as rows: put in, claimed, done, each step a guarded UPDATE of one row.

A worker holds a job while its lease lasts and renews it with each `progress.save`. What a killed
worker left is taken over when the lease ends, and goes on from `position`.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from .models import Job

LEASE = timedelta(seconds=60)  # handlers save every few seconds
TRIES = 5  # without getting any further
KEPT = timedelta(days=30)  # how long finished jobs stay on show
LONGEST_MESSAGE = 2_000
_RECURRING = UUID("6f0d3bb0-4f0c-5f57-9a3b-5d1f3f1f7a10")
_FINISHED = (Job.State.DONE, Job.State.FAILED)


class LeaseLost(Exception):
    """The job is somebody else's by now: whatever is not committed must not be."""


class Interrupted(Exception):
    """The worker wants to end, or others have waited long enough; the job goes on later."""


class Progress:
    """What a handler goes by: `def run(progress, **arguments)`.

    It works from `position` on in steps of a few seconds at most and saves after each. A step that
    writes saves in the same transaction: then it is done exactly once, whatever gets killed.
    """

    def __init__(self, job: Job, *, lease: timedelta, interrupted: Callable[[], bool]):
        self.id = job.id
        self.created_by = job.created_by
        self.position: dict = job.position
        self.done: int = job.done
        self.total: int | None = job.total
        self.message = ""
        self.further = False  # than where this try began
        self._worker = job.worker
        self._lease = lease
        self._interrupted = interrupted

    def save(
        self, *, done: int | None = None, total: int | None = None, position: dict | None = None
    ) -> None:
        """Keep how far it is and renew the lease. Raises LeaseLost; raises Interrupted once what
        was saved is committed."""
        changes: dict = {}
        if position is not None and position != self.position:
            changes = {"position": position, "attempts": 1}  # it got further: this try counts anew
            self.position, self.further = position, True
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        changes |= {"done": self.done, "total": self.total, "lease_until": now() + self._lease}
        if not _held(self.id, self._worker).update(**changes):
            raise LeaseLost(f"job {self.id}")
        transaction.on_commit(self._let_go)

    def finish(self, message: str) -> None:
        """How it ended, in words for people; the last thing that a handler says."""
        self.message = message

    def _let_go(self) -> None:
        if self._interrupted():
            raise Interrupted


def enqueue(kind: str, arguments: dict | None = None, created_by: str = "") -> Job:
    """A job to be done soon, once the caller's transaction is committed."""
    return Job.objects.create(kind=kind, arguments=arguments or {}, created_by=created_by)


def due(kinds: Collection[str]) -> bool:
    """Whether some job of these kinds waits for a worker."""
    return _next_due(kinds, now()) is not None


def claim(worker: str, kinds: Collection[str], lease: timedelta = LEASE) -> Job | None:
    """The oldest job that is due, held by this worker from now on. Kinds that it does not know are
    left for a worker of a newer version."""
    while job := _next_due(kinds, at := now()):
        # As it was read: of two who want it the second one finds it changed.
        seen = Job.objects.filter(
            pk=job.pk, state=job.state, worker=job.worker, lease_until=job.lease_until
        )
        if job.attempts >= TRIES:
            _lost_for_good(job, seen, at)
            continue
        goes_on = job.started_at and (job.attempts or job.done or job.position)
        begun = job.started_at if goes_on else at
        mine = {"state": Job.State.RUNNING, "worker": worker, "lease_until": at + lease}
        mine |= {"attempts": job.attempts + 1, "started_at": begun, "finished_at": None}
        if seen.update(**mine):
            for name, value in mine.items():
                setattr(job, name, value)
            return job
    return None


def _next_due(kinds: Collection[str], at: datetime) -> Job | None:
    known = Job.objects.filter(kind__in=kinds)
    left = known.filter(state=Job.State.RUNNING, lease_until__lte=at)
    queued = known.filter(state=Job.State.QUEUED, run_at__lte=at)
    return left.order_by("lease_until").first() or queued.order_by("run_at").first()


def _lost_for_good(job: Job, seen: QuerySet, at: datetime) -> None:
    message = f"Its worker ended {job.attempts} times without getting any further."
    seen.update(
        state=Job.State.FAILED,
        message=message,
        worker="",
        lease_until=None,
        finished_at=at,
        run_at=at + LEASE,  # for recurring work: not before
    )


def finish(job: Job, message: str, every: timedelta | None) -> bool:
    """It is done; recurring work waits for its next time. False: it was somebody else's."""
    at = now()
    if every is None:
        return _give_back(job, state=Job.State.DONE, message=message, finished_at=at)
    return _give_back(
        job,
        state=Job.State.QUEUED,
        message=message,
        run_at=at + every,
        finished_at=at,
        attempts=0,
        position={},
        done=0,
        total=None,
    )


def put_back(job: Job) -> bool:
    """It goes on from its position, after those that wait already."""
    return _give_back(job, state=Job.State.QUEUED, run_at=now(), attempts=0)


def try_again(job: Job, message: str, delay: timedelta) -> bool:
    return _give_back(job, state=Job.State.QUEUED, message=message, run_at=now() + delay)


def fail(job: Job, message: str) -> bool:
    at = now()
    return _give_back(
        job, state=Job.State.FAILED, message=message, finished_at=at, run_at=at + LEASE
    )


def _give_back(job: Job, **changes) -> bool:
    if "message" in changes:
        # What a driver says may hold a NUL, which PostgreSQL keeps in no text.
        changes["message"] = changes["message"].replace("\0", "")[:LONGEST_MESSAGE]
    held = _held(job.pk, job.worker)
    return bool(held.update(worker="", lease_until=None, **changes))


def _held(key: UUID, worker: str) -> QuerySet:
    return Job.objects.filter(pk=key, worker=worker, state=Job.State.RUNNING)


def recurring_id(kind: str) -> UUID:
    """Of each kind of recurring work there is one row, whoever looks after it."""
    return uuid5(_RECURRING, kind)


def keep_recurring(kinds: Iterable[str]) -> None:
    """Recurring work that is new gets its row; what failed gets another chance when it is time."""
    wanted = {recurring_id(kind): kind for kind in kinds}
    rows = Job.objects.filter(pk__in=wanted).values_list("pk", "state", "run_at")
    known = {key: (state, run_at) for key, state, run_at in rows}
    at = now()
    if missing := wanted.keys() - known.keys():
        new = [Job(pk=key, kind=wanted[key]) for key in sorted(missing)]
        Job.objects.bulk_create(new, ignore_conflicts=True)
    over = [key for key, (state, run_at) in known.items() if state in _FINISHED and run_at <= at]
    if over:
        again = Job.objects.filter(pk__in=over, state__in=_FINISHED, run_at__lte=at)
        again.update(state=Job.State.QUEUED, run_at=at, attempts=0, position={}, done=0, total=None)


def forget_old(progress: Progress) -> None:
    """Delete jobs that were finished long ago. A handler of recurring work."""
    before = now() - KEPT
    old = Job.objects.filter(state__in=_FINISHED, run_at__lt=before, finished_at__lt=before)
    while keys := list(old.values_list("pk", flat=True)[:1_000]):
        deleted, _ = Job.objects.filter(pk__in=keys).delete()
        progress.save(done=progress.done + deleted)
    if progress.done:
        progress.finish(f"{progress.done:,} old jobs deleted")
