"""Which deliveries are no longer needed, and forgetting them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from calls.choices import CONFERENCE_FINAL
from calls.models import Call, Conference
from calltrack.jobs import Progress

from . import partitions
from .models import Delivery, State
from .models.deliveries import utc_date

BATCH = 1_000
_SETTLED = [State.PROCESSED, State.IGNORED]  # others may be processed again


@dataclass(frozen=True, slots=True)
class Batch:
    seen: int
    ids: Sequence[UUID]
    first: datetime  # seen
    last: tuple[datetime, UUID]

    def delete(self) -> None:
        days = utc_date(self.first), utc_date(self.last[0])
        Delivery.objects.filter(received_on__range=days, id__in=self.ids).delete()


def prunable(before: datetime, after: tuple[datetime, UUID] | None = None) -> Iterator[Batch]:
    """Deliveries received before that time, oldest first, whose subject is finished and has heard
    nothing since; `after` those that were seen. A row that they vouched for keeps its claims, and a
    rebuild believes them."""
    old = Delivery.objects.before(before).filter(state__in=_SETTLED).order_by("received_at", "id")
    while batch := list(_beyond(after, old).values_list("received_at", "id", "subject")[:BATCH]):
        first, after = batch[0][0], batch[-1][:2]
        busy = _busy({subject for *_, subject in batch}, before)
        ids = [key for _, key, subject in batch if subject not in busy]
        yield Batch(len(batch), ids, first, after)


def _beyond(after: tuple[datetime, UUID] | None, old: QuerySet) -> QuerySet:
    if after is None:
        return old
    at, key = after
    return old.since(at).filter(Q(received_at__gt=at) | Q(id__gt=key))


def _busy(subjects: set[UUID], before: datetime) -> set[UUID]:
    recent = Delivery.objects.since(before).filter(subject__in=subjects)
    return {
        *_live_calls().filter(id__in=subjects).values_list("id", flat=True),
        *_live_conferences().filter(id__in=subjects).values_list("id", flat=True),
        *recent.values_list("subject", flat=True),
    }


def _live_calls() -> QuerySet[Call]:
    return Call.objects.filter(is_over=False)


def _live_conferences() -> QuerySet[Conference]:
    return Conference.objects.exclude(status__in=CONFERENCE_FINAL)


def staying(since: date, until: date) -> QuerySet:
    """Ids of the deliveries of these days that outlive them: not settled, or about what has not
    ended. Whether their subject was heard of again is not asked: that would look into all days, and
    claims are believed of single deliveries too."""
    days = Delivery.objects.filter(received_on__lt=until).order_by()
    if since > date.min:
        days = days.filter(received_on__gte=since)
    return (
        days.exclude(state__in=_SETTLED)
        .values("id")
        .union(
            days.filter(subject__in=_live_calls().values("id")).values("id"),
            days.filter(subject__in=_live_conferences().values("id")).values("id"),
        )
    )


def make_partitions(progress: Progress, at: datetime | None = None) -> None:
    """Those of the coming days, and of days that had none: a handler of recurring work."""
    if not partitions.divided():
        return
    try:
        for since, until in partitions.missing(partitions.partitions(), _today(at)):
            progress.save(done=progress.done + partitions.make(since, until))
    except partitions.Busy as reason:
        progress.finish(f"Some later: {reason}")
        return
    if progress.done:
        progress.finish(f"{progress.done:,} partitions made")


def forget_deliveries(progress: Progress, at: datetime | None = None) -> None:
    """What is older than DELIVERIES_KEPT_DAYS: a handler of recurring work. Partitions go whole;
    row by row what outlived its own and may go by now, and on SQLite everything."""
    if not settings.DELIVERIES_KEPT_DAYS:
        return
    day = partitions.forgotten_until(_today(at))
    told = []
    try:
        for one in [one for one in partitions.partitions() if one.until <= day]:
            progress.save()
            told.append(_drop(one))
    except partitions.Busy as reason:
        progress.finish("; ".join([*told, f"the rest later: {reason}"]))
        return
    # A month that is not over yet goes in one piece later.
    day = min([day, *(one.since for one in partitions.partitions() if one.until > day)])
    if day > date.min and (deleted := _delete_until(datetime.combine(day, time(), UTC), progress)):
        told.append(f"{deleted:,} deliveries deleted")
    if told:
        progress.finish("; ".join(told))


def _today(at: datetime | None) -> date:
    return (at or now()).astimezone(UTC).date()


def _drop(partition: partitions.Partition) -> str:
    aside = partitions.drop(partition, staying(partition.since, partition.until))
    if aside is None:
        return f"{partition.table} stays: too much in it failed or has not ended"
    return f"{partition.table} dropped, {aside:,} deliveries set aside"


def _delete_until(before: datetime, progress: Progress) -> int:
    reached = progress.position
    after = (datetime.fromisoformat(reached["at"]), UUID(reached["id"])) if reached else None
    for batch in prunable(before, after):
        at, key = batch.last
        with transaction.atomic():
            batch.delete()
            progress.save(
                done=progress.done + len(batch.ids),
                position={"at": at.isoformat(), "id": str(key)},
            )
    return progress.done
