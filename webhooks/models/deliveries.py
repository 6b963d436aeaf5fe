"""What came, and how much of it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from calls.choices import Provider

from .endpoints import Endpoint


class State(models.TextChoices):
    RECEIVED = "received", "Received"
    PROCESSED = "processed", "Processed"
    IGNORED = "ignored", "Ignored"
    FAILED = "failed", "Failed"


def utc_date(moment: datetime) -> date:
    """The first or last date there is for a moment that UTC has no date for."""
    try:
        return moment.astimezone(UTC).date()
    except OverflowError:
        return date.min if moment.year == 1 else date.max


class Deliveries(models.QuerySet):
    """Where a time is known, the day tells PostgreSQL which partitions it need not look into: of 90
    the rest cost 6 ms a question, five times what is asked."""

    def since(self, moment: datetime):
        return self.filter(received_at__gte=moment, received_on__gte=utc_date(moment))

    def before(self, moment: datetime):
        return self.filter(received_at__lt=moment, received_on__lte=utc_date(moment))

    def of_days(self, moments: Iterable[datetime]):
        """Of the days of these moments: in front of what asks for ids."""
        return self.filter(received_on__in={utc_date(moment) for moment in moments})


class Delivery(models.Model):
    """One request a provider sent us, exactly as it came, and what became of it.

    The id is computed from what was sent (endpoint, method, signature time, query, body) and the
    UTC date it came on, so an exact replay within a day meets its own key. On PostgreSQL the table
    is partitioned by that date and its primary key is (id, received_on): see `partitions.py`.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    # No index: lists by endpoint go by time, and each index slows the intake by a tenth.
    endpoint = models.ForeignKey(
        Endpoint, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="deliveries"
    )
    provider = models.CharField(max_length=20, choices=Provider)
    kind = models.CharField(max_length=64, blank=True, help_text="The provider's event name.")
    subject = models.UUIDField(help_text="Id of the call or conference it is about.")
    received_at = models.DateTimeField(default=now, editable=False)
    received_on = models.DateField(editable=False, help_text="UTC date; retention works by it.")
    signed_at = models.DateTimeField(null=True, editable=False)
    method = models.CharField(max_length=8)
    content_type = models.CharField(max_length=255, blank=True)
    query = models.TextField(blank=True, help_text="As it stood in the URL.")
    headers = models.JSONField(default=dict, help_text="The headers that matter.")
    body = models.BinaryField(help_text="Raw bytes: it may not even be text.")
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    reason = models.TextField(blank=True, help_text="Why ignored, failed or flagged.")
    attempts = models.PositiveIntegerField(default=0)
    processed_at = models.DateTimeField(null=True)

    objects = Deliveries.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-received_at", "-id"]
        constraints = [
            # What failed or was ignored always says why.
            models.CheckConstraint(
                condition=~Q(state__in=[State.FAILED, State.IGNORED]) | Q(reason__gt=""),
                name="delivery_failed_or_ignored_says_why",
            ),
        ]
        indexes = [
            # The inbox, newest first. The date is there for the period filter, which asks for both:
            # its count reads no row then (70,000 deliveries of a day: 74 ms → 3).
            models.Index(
                fields=["-received_at", "-id", "received_on"], name="delivery_newest_first"
            ),
            # The state filter of the inbox; SQLite would not use a partial one for it.
            models.Index(fields=["state", "-received_at", "-id"], name="delivery_by_state"),
            # The deliveries of a call or conference.
            models.Index(fields=["subject", "-received_at"], name="delivery_by_subject"),
        ]

        permissions = [
            ("process_delivery_again", "Can process deliveries again"),
            ("download_delivery", "Can download the exact bytes of deliveries"),
        ]

    def __str__(self):
        return f"{self.kind or 'unknown'} {self.id}"


class EndpointHour(models.Model):
    """How many deliveries came to an endpoint within one hour, counted afterwards: tells silence
    from quiet. `webhooks/traffic.py` is the only writer."""

    id = models.UUIDField(primary_key=True, editable=False)  # computed from endpoint and hour
    endpoint = models.ForeignKey(
        Endpoint, models.DO_NOTHING, db_constraint=False, related_name="hours"
    )
    begins_at = models.DateTimeField()
    deliveries = models.PositiveIntegerField(default=0)
    last_received_at = models.DateTimeField()

    class Meta:
        indexes = [
            # An endpoint's hours, newest first: its last delivery, its usual traffic.
            models.Index(fields=["endpoint", "-begins_at"], name="endpoint_hours"),
        ]

    def __str__(self):
        return f"{self.begins_at:%Y-%m-%d %H:00}"
