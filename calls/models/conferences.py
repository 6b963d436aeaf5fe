from django.db import models
from django.db.models import Q

from calls.choices import ConferenceStatus, ParticipantState, RecordingState

from .accounts import Account
from .base import MergedModel
from .calls import Call


class Conference(MergedModel):
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="conferences",
        db_index=False,  # conference_by_account begins with it
    )
    provider_conference_id = models.CharField(max_length=255)
    alias = models.CharField(max_length=255, blank=True)
    status = models.CharField(
        max_length=16, choices=ConferenceStatus, default=ConferenceStatus.UNKNOWN
    )
    provider_status = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField(null=True, help_text="When somebody was first in it.")
    ended_at = models.DateTimeField(null=True, help_text="When it was terminated, or failed.")

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # The list, newest first.
            models.Index(fields=["-created_at", "-id"], name="conference_newest_first"),
            # "Give me the conference that FreeClimb calls CF…".
            models.Index(fields=["provider_conference_id"], name="conference_by_provider_id"),
            # One account's conferences, newest first.
            models.Index(fields=["account", "-created_at", "-id"], name="conference_by_account"),
            # One account's conferences of one name, newest first.
            models.Index(
                fields=["account", "alias", "-created_at", "-id"], name="conference_by_alias"
            ),
        ]

    def __str__(self):
        return self.provider_conference_id


class Participant(MergedModel):
    """A call in a conference."""

    conference = models.ForeignKey(
        Conference,
        models.CASCADE,
        related_name="participants",
        db_index=False,  # participant_once begins with it
    )
    call = models.ForeignKey(
        Call,
        models.DO_NOTHING,
        db_constraint=False,  # another root: it may live on another node
        related_name="participations",
    )
    state = models.CharField(max_length=8, choices=ParticipantState, blank=True)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            # A call takes part in a conference once; the upsert's target, holding the root.
            models.UniqueConstraint(fields=["conference", "call"], name="participant_once"),
        ]
        indexes = [
            # The API's list, newest first.
            models.Index(fields=["-created_at", "-id"], name="participant_newest_first"),
        ]

    def __str__(self):
        return f"{self.call_id} in {self.conference_id}"


class Recording(MergedModel):
    """Audio of a call or of a conference. The address can often be played without credentials:
    it is a secret in logs and pages."""

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="recordings",
        db_index=False,  # recording_by_account begins with it
    )
    provider_recording_id = models.CharField(max_length=255, blank=True)
    call = models.ForeignKey(
        Call, models.DO_NOTHING, null=True, db_constraint=False, related_name="recordings"
    )
    conference = models.ForeignKey(
        Conference,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,  # recording_by_conference
        related_name="recordings",
    )
    url = models.CharField(max_length=2000, blank=True)
    duration_seconds = models.BigIntegerField(null=True)
    size_bytes = models.BigIntegerField(null=True)
    format = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, choices=RecordingState, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # The list, newest first.
            models.Index(fields=["-created_at", "-id"], name="recording_newest_first"),
            # "Give me the recording that FreeClimb calls RE…".
            models.Index(fields=["provider_recording_id"], name="recording_by_provider_id"),
            # One account's recordings, newest first.
            models.Index(fields=["account", "-created_at", "-id"], name="recording_by_account"),
            # A conference's; most are of calls.
            models.Index(
                fields=["conference"],
                condition=Q(conference__isnull=False),
                name="recording_by_conference",
            ),
        ]
        permissions = [
            ("play_recording", "Can play recordings"),
            ("download_recording", "Can download recordings"),
        ]

    def __str__(self):
        return self.provider_recording_id or str(self.id)
