"""People's settings and what they did."""

from django.contrib import admin

from calltrack.models import AuditEntry, Profile

from .base import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "username", "action", "object_type", "object_id", "address"]
    list_filter = ["action"]
    ordering = ["-at", "-id"]


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """Everybody sets their own, on the profile page."""

    list_display = ["user", "time_zone"]
    list_select_related = ["user"]
    ordering = ["user__username"]
