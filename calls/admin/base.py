from django.contrib import admin
from django.urls import path

from calls.desk import shown
from calls.desk.call_page import why
from calls.numbers import e164
from calltrack.admin import ReadOnlyAdmin, pretty

KEPT = ["strength", "flags", "revision", "created_at", "updated_at", "claims_shown"]


class GuardedAdmin(ReadOnlyAdmin):
    """Numbers and free texts as the person who looks may see them."""

    def get_list_display(self, request):
        return [self._guarded(name, request) for name in super().get_list_display(request)]

    def get_fieldsets(self, request, obj=None):
        return [
            (title, options | {"fields": self._all_guarded(options["fields"], request)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _guarded(self, name, request):
        if not isinstance(name, str):
            return name
        return shown.column(self.model, name, request.viewer)

    def _all_guarded(self, names, request):
        return [
            tuple(self._all_guarded(name, request))
            if isinstance(name, list | tuple)
            else self._guarded(name, request)
            for name in names
        ]


class MergedAdmin(GuardedAdmin):
    """What the ledger merges. Lists do without the claims."""

    deferred = ["claims"]
    further = []

    def get_urls(self):
        meta = self.opts
        name = f"{meta.app_label}_{meta.model_name}_why"
        view = self.admin_site.admin_view(self.why_view)
        return [path("<uuid:pk>/why/", view, name=name), *super().get_urls()]

    def why_view(self, request, pk):
        return why(request, pk, self)

    def heading(self, request, row):
        """What this person may call a row."""
        return str(row)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        row = self.get_object(request, object_id)
        named = {"title": self.heading(request, row), "subtitle": ""} if row else {}
        return super().change_view(request, object_id, form_url, named | (extra_context or {}))

    def get_fieldsets(self, request, obj=None):
        kept = ("How we know", {"fields": KEPT, "classes": ["collapse"]})
        return [*super().get_fieldsets(request, obj), kept]

    def fields_shown(self, request, obj):
        """The fieldsets by the columns' names."""
        own = self.fieldsets or [(None, {"fields": self.fields})]
        return [*own, ("How we know", {"fields": KEPT})]

    @admin.display(description="Claims")
    def claims_shown(self, row):
        return pretty(row.claims)

    def search_terms(self, typed):
        if not typed:
            return []
        return sorted({typed, e164(typed, "") or typed, e164(f"+{typed}", "") or typed})
