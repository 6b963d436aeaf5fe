"""The door's tables: who may knock (Endpoint, Secret), what we answer (CallScript), what came
(Delivery)."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from calls.choices import Provider
from calls.models import Account


class Endpoint(models.Model):
    """One address that a provider's webhooks of one account are sent to."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="endpoints")
    label = models.CharField(max_length=100, blank=True)
    region = models.CharField(
        max_length=2, blank=True, help_text="ISO 3166 code for national numbers: IN, US."
    )
    time_zone = models.CharField(
        max_length=64, default="UTC", help_text="Zone of times that carry none: Asia/Kolkata."
    )
    agent_numbers = models.JSONField(
        default=list, blank=True, help_text="Numbers of agents, E.164: tells agent from customer."
    )
    allow_unsigned = models.BooleanField(
        default=False,
        help_text="Let requests in without a signature although the provider can sign.",
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self):
        return self.label or f"{self.account.name}"

    @property
    def provider(self) -> str:
        return self.account.provider


class Secret(models.Model):
    """A token (in the URL's path, kept as SHA-256) or a signing secret (kept as it is, since a
    signature is computed with it). Two of a kind may be live at once, for rotation."""

    class Kind(models.TextChoices):
        TOKEN = "token", "Token"
        SIGNING = "signing", "Signing secret"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="secrets")
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=255, help_text="SHA-256 of a token; a signing secret.")
    hint = models.CharField(max_length=16, help_text="Its last four characters.")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(
        null=True, editable=False, help_text="To the minute: may an old one go?"
    )

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            # The look-up of each request; a token names one endpoint.
            models.UniqueConstraint(
                fields=["value"], condition=Q(kind="token"), name="secret_token_once"
            ),
            models.UniqueConstraint(
                fields=["endpoint", "kind", "value"], name="secret_once_per_endpoint"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} …{self.hint}"


class CallScript(models.Model):
    """The PerCL that answers a webhook which expects some."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="call_scripts")
    request_type = models.CharField(max_length=64, help_text="outDialConnect, inboundCall, …")
    called_number = models.CharField(
        max_length=64, blank=True, help_text="Only for calls to this number; empty for all."
    )
    percl = models.JSONField(help_text='A JSON array of commands: [{"Say": {"text": "Hello"}}]')
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["endpoint", "request_type", "called_number"]
        constraints = [
            # One answer to one question.
            models.UniqueConstraint(
                fields=["endpoint", "request_type", "called_number"], name="call_script_once"
            ),
        ]

    def __str__(self):
        return f"{self.request_type} for one number" if self.called_number else self.request_type


class State(models.TextChoices):
    RECEIVED = "received", "Received"
    PROCESSED = "processed", "Processed"
    IGNORED = "ignored", "Ignored"
    FAILED = "failed", "Failed"


class Delivery(models.Model):
    """One request a provider sent us, exactly as it came, and what became of it.

    The id is computed from what was sent (endpoint, method, signature time, query, body), so an
    exact replay meets its own key.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    endpoint = models.ForeignKey(
        Endpoint, models.DO_NOTHING, db_constraint=False, related_name="deliveries"
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
            # The inbox, newest first.
            models.Index(fields=["-received_at", "-id"], name="delivery_newest_first"),
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
