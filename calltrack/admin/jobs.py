"""Work outside requests, to watch."""

from django.contrib import admin

from calltrack.models import Job

from .base import ReadOnlyAdmin


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "state", "done", "total", "created_by"]
    list_filter = ["state"]
    ordering = ["-created_at", "-id"]
