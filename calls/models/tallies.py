"""Figures counted ahead, so that no page counts calls. `calls/tallies.py` is the only writer, but
for StaleSlot, which the ledger adds to."""

from uuid import uuid4

from django.db import models

from .accounts import Account
from .calls import Call


class Tally(models.Model):
    """What became of the conversations that began within one slot of half an hour (a day in India
    begins at half past), counted by one dimension; or within a UTC day, the sum of its slots."""

    class Dimension(models.TextChoices):
        ALL = "all", "All"
        SERVICE_NUMBER = "service_number", "Service number"
        AGENT = "agent", "Agent"
        ALL_OF_DAY = "all_of_day", "All of a day"
        SERVICE_NUMBER_OF_DAY = "service_of_day", "Service number, of a day"
        AGENT_OF_DAY = "agent_of_day", "Agent, of a day"

    # Computed from what it counts, so that counting again meets the same row.
    id = models.UUIDField(primary_key=True, editable=False)
    begins_at = models.DateTimeField(help_text="The slot's first moment, or the day's.")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    dimension = models.CharField(max_length=16, choices=Dimension)
    value = models.CharField(max_length=255, blank=True, help_text="The number counted by.")
    calls = models.PositiveIntegerField(default=0)
    inbound = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    inbound_answered = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    talk_seconds = models.BigIntegerField(default=0)
    waits = models.JSONField(
        default=dict, help_text="Answered inbound calls by time to answer: bucket → how many."
    )

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [
            # A period's figures by one dimension.
            models.Index(fields=["dimension", "begins_at"], name="tally_by_time"),
        ]

    def __str__(self):
        return f"{self.begins_at:%Y-%m-%d %H:%M} {self.dimension}"


class StaleSlot(models.Model):
    """A note that calls of a slot changed, made in the transaction that changed them. Counting
    again deletes the notes it has read; two of the same slot never wait for each other."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    begins_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="No call changed by this write has an older one.")
    customers = models.JSONField(
        default=list, help_text="Numbers of the customers of these calls, before and after."
    )

    class Meta:
        indexes = [
            # The slots to count again, newest first, and the notes of each.
            models.Index(fields=["begins_at"], name="stale_slot_by_time"),
        ]

    def __str__(self):
        return f"{self.begins_at:%Y-%m-%d %H:%M}"


class CountingTurn(models.Model):
    """One row, held by whoever counts until their transaction ends: an advisory lock would not
    reach over several nodes of a database."""

    id = models.UUIDField(primary_key=True, editable=False)

    def __str__(self):
        return "the turn to count"


class MissedCustomer(models.Model):
    """A customer whose missed calls nobody returned: no later call with that number was answered.
    The row goes when one is."""

    id = models.UUIDField(primary_key=True, editable=False)  # computed from the number
    customer_number = models.CharField(max_length=255)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    service_number = models.CharField(max_length=255, blank=True)
    first_missed_at = models.DateTimeField(help_text="Since the last answered call.")
    last_missed_at = models.DateTimeField()
    missed_calls = models.PositiveIntegerField()
    last_call = models.ForeignKey(
        Call,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="Missed last.",
    )
    attempts = models.PositiveIntegerField(
        default=0, help_text="Outbound calls since the first, that reached nobody."
    )
    last_attempt_at = models.DateTimeField(null=True)
    tried_by = models.JSONField(default=list, help_text="Numbers of the agents who tried.")

    class Meta:
        verbose_name = "missed call to return"
        verbose_name_plural = "missed calls to return"
        ordering = ["first_missed_at", "id"]
        indexes = [
            # The list, oldest first.
            models.Index(fields=["first_missed_at", "id"], name="missed_oldest_first"),
        ]

    def __str__(self):
        return "missed call to return"
