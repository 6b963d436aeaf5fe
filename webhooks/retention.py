"""Which deliveries are no longer needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from calls.choices import CONFERENCE_FINAL
from calls.models import Call, Conference

from .models import Delivery, State

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Batch:
    seen: int
    ids: Sequence[UUID]

    def delete(self) -> None:
        Delivery.objects.filter(id__in=self.ids).delete()


def prunable(before: datetime) -> Iterator[Batch]:
    """Deliveries received before that time, by key, whose subject is finished and has heard nothing
    since. A row that they vouched for keeps its claims, and a rebuild believes them."""
    old = Delivery.objects.filter(
        received_on__lte=before.date(),
        received_at__lt=before,
        state__in=[State.PROCESSED, State.IGNORED],
    ).order_by("id")
    last = UUID(int=0)
    while batch := list(old.filter(id__gt=last).values_list("id", "subject")[:BATCH]):
        subjects = {subject for _, subject in batch}
        busy = _busy(subjects, before)
        yield Batch(len(batch), [key for key, subject in batch if subject not in busy])
        last = batch[-1][0]


def _busy(subjects: set[UUID], before: datetime) -> set[UUID]:
    calls = Call.objects.filter(id__in=subjects, is_over=False)
    conferences = Conference.objects.filter(id__in=subjects).exclude(status__in=CONFERENCE_FINAL)
    recent = Delivery.objects.filter(subject__in=subjects, received_at__gte=before)
    return {
        *calls.values_list("id", flat=True),
        *conferences.values_list("id", flat=True),
        *recent.values_list("subject", flat=True),
    }
