"""What all rows share that the ledger merges from facts."""

from django.db import models

from calls.choices import Strength


class MergedModel(models.Model):
    """A row whose content is a function of the set of deliveries; only the ledger writes it."""

    id = models.UUIDField(primary_key=True, editable=False)
    strength = models.PositiveSmallIntegerField(
        choices=Strength,
        default=Strength.INFERRED,
        help_text="The weightiest thing said of it; inferred: it was never heard of itself.",
    )
    flags = models.JSONField(default=list, help_text="What looks wrong, as sorted words.")
    revision = models.PositiveIntegerField(
        default=1, help_text="How many writes changed this row, its creation included."
    )
    created_at = models.DateTimeField(help_text="Earliest receipt among its deliveries.")
    updated_at = models.DateTimeField(help_text="When a write last changed this row.")
    claims = models.JSONField(
        default=dict, help_text="Per field the claim that stands, and the delivery that made it."
    )

    class Meta:
        abstract = True

    @property
    def inferred_only(self) -> bool:
        """Others speak of it, but it was never heard of itself."""
        return self.strength == Strength.INFERRED
