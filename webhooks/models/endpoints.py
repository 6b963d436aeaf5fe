"""Who may knock, and what we answer."""

from secrets import token_hex
from uuid import uuid4

from django.db import models
from django.db.models import Q

from calls.models import Account


def new_salt() -> str:
    return token_hex(16)


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
    salt = models.CharField(
        max_length=32,
        default=new_salt,
        editable=False,
        help_text="Secret: the ids of its deliveries are hashed with it.",
    )
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
