from django.contrib import admin

from calls.models import CallChange, CallDisposition, CallNote, CallTag
from calltrack.admin import ReadOnlyAdmin

from .base import GuardedAdmin


@admin.register(CallNote)
class CallNoteAdmin(GuardedAdmin):
    """Written on a call's page; here to be looked at."""

    list_display = ["created_at", "author_name", "text", "call"]
    list_select_related = ["call"]
    fields = ["call", "text", "author_name", "created_at", "edited_at"]


@admin.register(CallTag)
class CallTagAdmin(ReadOnlyAdmin):
    list_display = ["tag", "call"]
    list_select_related = ["tag", "call"]


@admin.register(CallDisposition)
class CallDispositionAdmin(ReadOnlyAdmin):
    list_display = ["disposition", "call"]
    list_select_related = ["disposition", "call"]


@admin.register(CallChange)
class CallChangeAdmin(GuardedAdmin):
    list_display = ["at", "author_name", "kind", "before", "after", "call"]
    list_select_related = ["call"]
    fields = ["call", "at", "author_name", "kind", "before", "after"]
