"""Named filters of the list of calls."""

from uuid import uuid4

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    class Visibility(models.TextChoices):
        PRIVATE = "private", "Only me"
        SHARED = "shared", "Everybody"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True, help_text="The filter as it stands in the URL.")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PRIVATE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once_per_owner"),
        ]

    def __str__(self):
        return self.name


class ViewPin(models.Model):
    """A view that somebody keeps in their sidebar."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="pins")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="view_pins")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["view", "user"], name="view_pinned_once"),
        ]

    def __str__(self):
        return str(self.view_id)
