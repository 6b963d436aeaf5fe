"""What background jobs there are: kind → handler. `calltrack/jobs.py` says what a handler goes by.

They are run by `manage.py work`.
"""

from datetime import timedelta

from django.conf import settings
from django.utils.timezone import now

from calls import idempotency, tallies
from calls.feed import forgetting
from calltrack.jobs import Progress, forget_old

from . import again, retention, subscriptions, traffic
from .outgoing.forgetting import forget_messages

SLOTS = 20  # counted between two saves


def recount(progress: Progress) -> None:
    """The figures of the half hours whose calls changed before it began: under load they change
    faster than anybody counts, and a run would not end."""
    begun = now()
    while slots := tallies.recount(SLOTS, changed_before=begun):
        progress.save(done=progress.done + slots)
    if progress.done:
        progress.finish(f"{progress.done:,} half hours counted")


def forget_changes(progress: Progress) -> None:
    """What readers of the feed of changes no longer come for."""
    before = now() - timedelta(days=settings.CHANGES_KEPT_DAYS)
    while sets := forgetting.forget(before):
        progress.save(done=progress.done + sets)
    if progress.done:
        progress.finish(f"{progress.done:,} old sets of changes deleted")


JOBS = {
    "recount": recount,
    "count_traffic": traffic.count,
    "count_all_traffic": traffic.count_all,
    "make_partitions": retention.make_partitions,
    "forget_deliveries": retention.forget_deliveries,
    "forget_old_jobs": forget_old,
    "forget_changes": forget_changes,
    "forget_answers": idempotency.forget_old,
    "forget_messages": forget_messages,
    again.KIND: again.run,
    subscriptions.FORGET: subscriptions.forget,
    subscriptions.REDELIVER: subscriptions.redeliver_failed,
}

# Kind → how long after the end of one run the next one begins, one at a time over all workers.
RECURRING = {
    "recount": timedelta(seconds=5),
    "count_traffic": timedelta(seconds=15),
    "make_partitions": timedelta(hours=1),
    "forget_deliveries": timedelta(hours=6),
    "forget_old_jobs": timedelta(hours=1),
    "forget_answers": timedelta(hours=1),
    "forget_changes": timedelta(hours=1),
    "forget_messages": timedelta(hours=1),
}
