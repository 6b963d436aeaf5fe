from django.contrib import admin

from calls.models import SavedView, ViewPin
from calltrack.admin import ReadOnlyAdmin


@admin.register(SavedView, ViewPin)
class SavedViewAdmin(ReadOnlyAdmin):
    """Made on the list of calls."""
