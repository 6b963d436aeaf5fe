"""Messages are not kept for ever: see OUTGOING_KEPT_DAYS."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from calltrack.jobs import Progress
from webhooks.models import Attempt, Message, Subscription

STEP = 1_000  # deleted in one transaction


def forget_messages(progress: Progress) -> None:
    """Delete messages that are old, and their tries: delivered, given up, or kept all that time for
    a target that is paused or stopped. A handler of recurring work."""
    before = now() - settings.OUTGOING_KEPT
    waits = Q(state=Message.State.QUEUED, subscription__state=Subscription.State.ACTIVE)
    old = Message.objects.filter(~waits, created_at__lt=before).order_by("created_at", "id")
    while keys := list(old.values_list("pk", flat=True)[:STEP]):
        with transaction.atomic():
            Attempt.objects.filter(message__in=keys).delete()
            Message.objects.filter(pk__in=keys).delete()
            progress.save(done=progress.done + len(keys))
    if progress.done:
        progress.finish(f"{progress.done:,} old messages deleted")
