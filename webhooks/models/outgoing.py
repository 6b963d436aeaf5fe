"""Webhooks out: who wants to be told, what they are told, and how each try went."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from calls.models import Integration


class Subscription(models.Model):
    """A target that is told of events, signed and shaped by the Standard Webhooks convention."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"  # by people
        STOPPED = "stopped", "Stopped: the target is dead"  # by us
        DELETED = "deleted", "Deleted"  # shown to nobody; a job forgets its messages, then it

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list, help_text="Event types: call.finalized, …")
    filter = models.CharField(
        max_length=2000,
        blank=True,
        help_text="Only about calls that this finds, written as the query of /api/v1/calls/.",
    )
    full_numbers = models.BooleanField(
        default=False, help_text="Telephone numbers whole, not masked."
    )
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    reason = models.TextField(blank=True, help_text="Why it was stopped.")
    secret = models.CharField(max_length=100, help_text="whsec_ and base64.")
    former_secret = models.CharField(
        max_length=100, blank=True, help_text="Signs too until it is dropped, for rotation."
    )
    integration = models.ForeignKey(
        Integration,
        models.CASCADE,
        null=True,
        related_name="subscriptions",
        help_text="Whose keys made it, and may change it.",
    )
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(default=now)
    failures = models.PositiveIntegerField(default=0, help_text="Tries in a row that failed.")
    failing_since = models.DateTimeField(null=True)
    pause_until = models.DateTimeField(
        null=True, help_text="Nothing is sent before, after several failures in a row."
    )
    last_success_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self):
        return self.name


class Message(models.Model):
    """One event for one subscription. Its id is computed from both, so that telling again meets the
    same row and the receiver the same id. What concerns one subject is sent in order."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    id = models.UUIDField(primary_key=True, editable=False)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="messages")
    event = models.CharField(max_length=32)
    subject = models.UUIDField(help_text="Id of the call, conference or endpoint it is about.")
    number = models.BigIntegerField(help_text="The greater one is the later event.")
    body = models.TextField(help_text="JSON, exactly as it is sent each time.")
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(
        default=now, help_text="Not before: the next try, or the end of the lease of this one."
    )
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # What is due next at one target.
            models.Index(
                fields=["subscription", "due_at"],
                condition=Q(state="queued"),
                name="message_due",
            ),
            # Tests, which go to paused targets too; mostly none.
            models.Index(
                fields=["due_at"],
                condition=Q(state="queued", event="test"),
                name="message_test_due",
            ),
            # Is anything earlier about this subject still queued?
            models.Index(
                fields=["subscription", "subject", "number"],
                condition=Q(state="queued"),
                name="message_in_order",
            ),
            # One subscription's messages, newest first.
            models.Index(
                fields=["subscription", "-created_at", "-id"], name="message_by_subscription"
            ),
            # What was given up, to be looked at and delivered again.
            models.Index(
                fields=["subscription", "-created_at", "-id"],
                condition=Q(state="failed"),
                name="message_failed",
            ),
            # All of them, newest first; forgetting old ones.
            models.Index(fields=["-created_at", "-id"], name="message_newest_first"),
        ]

    def __str__(self):
        return f"{self.event} {self.id}"


class Attempt(models.Model):
    """One try to deliver a message."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=now)
    seconds = models.FloatField(help_text="How long it took.")
    status = models.PositiveIntegerField(null=True, help_text="HTTP status, where one came.")
    error = models.TextField(blank=True, help_text="Why it counts as failed.")
    answer = models.TextField(blank=True, help_text="The beginning of what was answered.")

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            # A message's tries in order.
            models.Index(fields=["message", "at"], name="attempt_by_message"),
            # All of them, newest first.
            models.Index(fields=["-at", "-id"], name="attempt_newest_first"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"


class DispatchTurn(models.Model):
    """One row, held by whoever turns changes into messages until their transaction ends."""

    id = models.UUIDField(primary_key=True, editable=False)
    position = models.BigIntegerField(
        default=0, help_text="Changes up to here have become messages."
    )

    def __str__(self):
        return f"changes up to {self.position}"
