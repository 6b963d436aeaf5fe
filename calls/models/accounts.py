"""Small reference tables: accounts at providers, integrations and their keys."""

from uuid import uuid4

from django.db import models

from calls.choices import Provider


class Account(models.Model):
    """An account at a provider. Its id is computed from the provider and the account's id there
    (or its name here, where that id is not known), so that calls keep their ids on any machine."""

    id = models.UUIDField(primary_key=True, editable=False)
    provider = models.CharField(max_length=20, choices=Provider)
    provider_account_id = models.CharField(
        max_length=255,
        blank=True,
        help_text="The provider's id. Deliveries that name another one are refused a place.",
    )
    name = models.CharField(max_length=100)
    region = models.CharField(
        max_length=2, blank=True, help_text="ISO 3166 code for national numbers: IN, US."
    )
    time_zone = models.CharField(max_length=64, default="UTC", help_text="Asia/Kolkata, UTC.")
    recording_hosts = models.JSONField(
        default=list,
        blank=True,
        help_text="Hosts whose recordings are played in pages, with their subdomains. Empty: the "
        "provider's own.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            # An account is asked for by its name.
            models.UniqueConstraint(fields=["provider", "name"], name="account_name_once"),
        ]

    def __str__(self):
        provider = self.get_provider_display()
        return self.name if provider in self.name else f"{self.name} ({provider})"


class Integration(models.Model):
    """A program that reads with keys of its own: what it may do, and how it is called."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self):
        return self.name


class ApiKey(models.Model):
    """A key of an integration: a prefix to know it by, and a hash of the whole. Two of one
    integration may be live at once, for rotation."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="keys")
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    key_hash = models.CharField(max_length=64, editable=False, help_text="SHA-256, hexadecimal.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Refused from then on.")
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="To the minute.")

    class Meta:
        verbose_name = "API key"
        ordering = ["created_at", "id"]

    def __str__(self):
        return f"{self.prefix}…"
