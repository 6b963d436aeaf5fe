"""Deliveries processed again: those of one request, or all that match as a background job."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import now

from calltrack.audit import record
from calltrack.jobs import enqueue
from calltrack.models import AuditEntry

from . import committer, inbox
from .matching import Matching
from .models import Delivery, State

KIND = "process_again"
STEP = 1_000  # deliveries looked at between two notes of where we are
MOST_COUNTED = 1_000_000


def arguments(matching: Matching) -> dict:
    """Of the job. What comes after this moment is no part of it, so that it ends."""
    return matching.before(now()).arguments()


def start(request, matching: Matching) -> None:
    """Put the job in, write down who wanted it, tell them where its progress is."""
    given = arguments(matching)
    with transaction.atomic():
        job = enqueue(KIND, given, created_by=request.user.get_username())
        action = AuditEntry.Action.PROCESS_AGAIN
        record(request, action, object_type="job", object_id=job.pk, matching=given)
    text = "They are processed again in the background."
    if request.user.has_perm("calltrack.view_job"):
        address = reverse("admin:calltrack_job_change", args=[job.pk])
        text = format_html('{} <a href="{}">How far is it?</a>', text, address)
    messages.success(request, text)


def process(ids: Sequence[UUID], among: QuerySet | None = None) -> Counter:
    """Read these deliveries again; how many ended in which state. Raises inbox.Unavailable."""
    told = Counter()
    deliveries = (Delivery.objects if among is None else among).select_related("endpoint__account")
    for start in range(0, len(ids), committer.BATCH):
        batch = list(deliveries.filter(pk__in=ids[start : start + committer.BATCH]))
        inbox.process_again(batch)
        told.update(delivery.state for delivery in batch)
    return told


def run(progress, **given) -> None:
    """The job. It goes by key, oldest first, and notes where it is after each step; a step done
    twice changes nothing, since merging twice does not."""
    matching = Matching.from_arguments(given)
    position = dict(progress.position)
    done, failed = position.get("done", 0), position.get("failed", 0)
    if not position:
        count = matching.queryset().order_by()[:MOST_COUNTED].count()
        progress.save(done=0, total=count if count < MOST_COUNTED else None, position={})
    while keys := _next(matching, position):
        ids, moments = [key for _, key in keys], [moment for moment, _ in keys]
        among = Delivery.objects.of_days(moments)
        if matching.refined:
            ids = list(matching.refine(among.filter(pk__in=ids)).values_list("pk", flat=True))
        told = process(ids, among)
        done, failed = done + told.total(), failed + told[State.FAILED]
        moment, last = keys[-1]
        position = {"at": moment.isoformat(), "id": str(last), "done": done, "failed": failed}
        progress.save(done=done, position=position)
    progress.finish(f"{done:,} processed again, {failed:,} of them failed.")


def _next(matching: Matching, position: dict) -> list[tuple[datetime, UUID]]:
    """Keys of the next step, by the index alone. What was processed may have left the state that is
    asked for: it lies behind us."""
    found = matching.indexed()
    if position:
        at, last = datetime.fromisoformat(position["at"]), UUID(position["id"])
        found = found.filter(Q(received_at__gte=at), Q(received_at__gt=at) | Q(pk__gt=last))
    return list(found.order_by("received_at", "pk").values_list("received_at", "pk")[:STEP])
