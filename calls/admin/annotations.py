from django.contrib import admin

from calls.models import CallChange, CallDisposition, CallNote, CallTag
from calltrack.admin import ReadOnlyAdmin


@admin.register(CallNote, CallTag, CallDisposition, CallChange)
class AnnotationAdmin(ReadOnlyAdmin):
    """Written on a call's page; here to be looked at."""
