from django.contrib import admin
from django.db.models import Q

from calls.models import SavedView, ViewPin
from calltrack.admin import ReadOnlyAdmin

from .base import GuardedAdmin

_SEARCHES_FOR_FIVE_DIGITS = r"(^|&)q=([^&0-9]*[0-9]){5}"  # a number, or more of it than its end


@admin.register(SavedView)
class SavedViewAdmin(GuardedAdmin):
    """Made, renamed and deleted on the list of calls; here to be looked at."""

    list_display = ["name", "owner", "visibility", "created_at"]
    list_display_links = ["visibility"]
    list_filter = ["visibility"]
    list_select_related = ["owner"]
    fields = ["id", "name", "owner", "visibility", "query", "created_at"]

    def get_queryset(self, request):
        """One's own and the shared ones; those by a number for who sees numbers."""
        views = super().get_queryset(request)
        if not request.viewer.sees_numbers:
            views = views.exclude(query__regex=_SEARCHES_FOR_FIVE_DIGITS)
        if request.user.is_superuser:
            return views
        return views.filter(Q(owner=request.user) | Q(visibility=SavedView.Visibility.SHARED))


@admin.register(ViewPin)
class ViewPinAdmin(ReadOnlyAdmin):
    """Who keeps which view in their sidebar."""

    def get_queryset(self, request):
        pins = super().get_queryset(request).select_related("view")
        return pins if request.user.is_superuser else pins.filter(user=request.user)
