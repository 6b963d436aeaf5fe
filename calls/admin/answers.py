from django.contrib import admin

from calls.desk.paging import KeysetMixin
from calls.models import IdempotentAnswer
from calltrack.admin import ReadOnlyAdmin


@admin.register(IdempotentAnswer)
class IdempotentAnswerAdmin(KeysetMixin, ReadOnlyAdmin):
    """What a write was answered is its asker's alone: it may hold a secret or numbers."""

    deferred = ["body"]
    list_display = ["created_at", "id", "status"]
    search_fields = ["id__exact"]
    ordering = ["-created_at", "-id"]
    fields = ["id", "status", "fingerprint", "created_at"]
