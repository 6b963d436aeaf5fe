"""What people say about numbers and calls: names, labels, sources, tags, dispositions. Rows of
service numbers and agents appear by themselves when a number is first heard of; what people wrote
on them is never overwritten."""

from uuid import uuid4

from django.db import models

from calls.masking import without_numbers

from .accounts import Account


class ServiceNumber(models.Model):
    """A number of ours that customers dial or see; what a marketer tracks."""

    # Drawn: it stands in addresses, and from a computed one the number could be found by trial.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="service_numbers")
    number = models.CharField(max_length=255, help_text="E.164 or as the provider writes it.")
    label = models.CharField(max_length=100, blank=True, help_text="Shown beside the number.")
    source = models.CharField(
        max_length=100, blank=True, help_text="Where the number was published: Google Ads, Flyer."
    )
    campaign = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["label", "number"]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="service_number_once"),
        ]

    def __str__(self):
        # Numbers are not for every eye, and names stand in titles.
        return without_numbers(self.label) or "service number"


class Agent(models.Model):
    """Somebody of ours who takes calls, known by the number that rings."""

    # Drawn: it stands in addresses, and from a computed one the number could be found by trial.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="agents")
    number = models.CharField(max_length=255, help_text="E.164 or as the provider writes it.")
    name = models.CharField(max_length=100, blank=True)
    heard_name = models.CharField(
        max_length=255, blank=True, editable=False, help_text="What the provider calls them."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "heard_name", "number"]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="agent_once"),
        ]

    def __str__(self):
        return without_numbers(self.known_as) or "agent"

    @property
    def known_as(self) -> str:
        return self.name or self.heard_name


class Tag(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=50, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return without_numbers(self.name)


class Disposition(models.Model):
    """How a call turned out, in the words that the staff agreed on."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=50, unique=True)
    active = models.BooleanField(default=True, help_text="Offered for calls.")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return without_numbers(self.name)
