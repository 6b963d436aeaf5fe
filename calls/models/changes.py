"""What changed, in an order that readers can follow without missing anything, and what writes were
already answered."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.timezone import now


class ChangeSet(models.Model):
    """The objects that one transaction changed, noted in it. It has no position until it has
    committed and whoever holds the feed gives it one: so what commits late is not skipped."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    at = models.DateTimeField(default=now)
    position = models.BigIntegerField(null=True, help_text="Null until it is given one.")
    changes = models.JSONField(help_text="[[kind, id, revision, [word, …]], …]")

    class Meta:
        ordering = ["position"]
        indexes = [
            # The feed beyond a cursor.
            models.Index(fields=["position"], name="change_set_in_order"),
            # What waits for its position.
            models.Index(fields=["at"], condition=Q(position=None), name="change_set_waiting"),
        ]

    def __str__(self):
        return f"changes {self.position or 'without a position'}"


class ChangeFeed(models.Model):
    """One row, held by whoever gives positions until their transaction ends."""

    id = models.UUIDField(primary_key=True, editable=False)
    position = models.BigIntegerField(default=0, help_text="The last one that was given.")
    forgotten = models.BigIntegerField(
        default=0, help_text="Changes up to here are no longer kept."
    )

    def __str__(self):
        return f"changes from {self.forgotten} to {self.position}"


class IdempotentAnswer(models.Model):
    """What a write with an Idempotency-Key was answered: the same again is answered the same."""

    id = models.UUIDField(primary_key=True, editable=False)  # computed from who asked and their key
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request.")
    status = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            # Forgetting old ones.
            models.Index(fields=["created_at"], name="idempotent_answer_by_time"),
        ]

    def __str__(self):
        return str(self.id)
