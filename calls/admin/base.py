from django.contrib import admin

from calls.numbers import e164
from calltrack.admin import ReadOnlyAdmin, pretty

KEPT = ["strength", "flags", "revision", "created_at", "updated_at", "claims_shown"]


class MergedAdmin(ReadOnlyAdmin):
    """What the ledger merges. Lists do without the claims."""

    deferred = ["claims"]
    further = []

    def get_fieldsets(self, request, obj=None):
        kept = ("How we know", {"fields": KEPT, "classes": ["collapse"]})
        return [*super().get_fieldsets(request, obj), kept]

    @admin.display(description="Claims")
    def claims_shown(self, row):
        return pretty(row.claims)

    def search_terms(self, typed):
        if not typed:
            return []
        return sorted({typed, e164(typed, "") or typed, e164(f"+{typed}", "") or typed})
