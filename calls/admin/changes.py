from django.contrib import admin

from calls.models import ChangeFeed, ChangeSet

from .base import GuardedAdmin


@admin.register(ChangeSet)
class ChangeSetAdmin(GuardedAdmin):
    """What one transaction changed."""

    list_display = ["position", "at"]
    ordering = ["-position"]
    fields = ["position", "at", "changes"]


@admin.register(ChangeFeed)
class ChangeFeedAdmin(GuardedAdmin):
    """How far the feed of changes is."""

    list_display = ["position", "forgotten"]
