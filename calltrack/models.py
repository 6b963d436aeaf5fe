"""What belongs to no call: people's settings, the audit log, background jobs."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.timezone import now


class Profile(models.Model):
    """How somebody wants to see things."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    time_zone = models.CharField(max_length=64, default="UTC", help_text="Asia/Kolkata, UTC.")

    def __str__(self):
        return f"Profile of {self.user}"


class AuditEntry(models.Model):
    """Somebody heard, took, revealed or set something in motion. `calltrack/audit.py` adds rows,
    nobody edits them."""

    class Action(models.TextChoices):
        PLAY = "play", "Played a recording"
        DOWNLOAD = "download", "Downloaded"
        EXPORT = "export", "Exported calls"
        REVEAL = "reveal", "Revealed numbers"
        PROCESS_AGAIN = "process_again", "Processed again"
        ENDPOINT = "endpoint", "Changed an endpoint"
        SUBSCRIPTION = "subscription", "Changed a subscription"
        REDELIVER = "redeliver", "Delivered again"
        INTEGRATION = "integration", "Changed an integration"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    at = models.DateTimeField(default=now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_constraint=False, related_name="+"
    )
    username = models.CharField(max_length=150, help_text="Outlives the user.")
    action = models.CharField(max_length=16, choices=Action)
    object_type = models.CharField(max_length=50, blank=True, help_text="call, recording, …")
    object_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True, help_text="Where the request came from.")

    class Meta:
        verbose_name_plural = "audit log"
        ordering = ["-at", "-id"]
        indexes = [
            # The list, newest first.
            models.Index(fields=["-at", "-id"], name="audit_newest_first"),
        ]

    def __str__(self):
        return f"{self.username}: {self.get_action_display()}"


class Job(models.Model):
    """Work outside requests. A worker holds a job by a lease that it keeps renewing; when it dies
    the lease runs out and the next one takes over where the progress says."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=50)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, help_text="Unknown until counted.")
    position = models.JSONField(default=dict, help_text="Where to go on after an interruption.")
    message = models.TextField(blank=True, help_text="How it ended, or why it failed.")
    attempts = models.PositiveIntegerField(default=0)
    run_at = models.DateTimeField(default=now, help_text="Not before.")
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=now)
    created_by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # What is due next.
            models.Index(fields=["state", "run_at"], name="job_due"),
            # The list, newest first.
            models.Index(fields=["-created_at", "-id"], name="job_newest_first"),
        ]

    def __str__(self):
        return f"{self.kind} {self.get_state_display().lower()}"
