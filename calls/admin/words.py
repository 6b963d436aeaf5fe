"""Tags and dispositions: the words that people put on calls."""

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.http import HttpResponseRedirect
from django.urls import reverse

from calls.desk.shown import column
from calls.models import CallDisposition, CallTag, Disposition, Tag
from calls.search import seen
from calltrack.admin import SturdyAdmin


class WordAdmin(SturdyAdmin):
    """Words that people put on calls. What calls wear is not taken away from under them."""

    worn = None  # the model that puts the word on calls, and its column
    instead = ""
    search_fields = ["name"]

    def get_list_display(self, request):
        return self._guarded(super().get_list_display(request), request)

    def get_fields(self, request, obj=None):
        return self._guarded(self.fields, request)

    def get_readonly_fields(self, request, obj=None):
        guarded = [one for one in self.get_fields(request, obj) if callable(one)]
        return [*super().get_readonly_fields(request, obj), *guarded]

    def _guarded(self, names, request):
        """As the person who looks may see them; who may change a word reads all of it."""
        if request.viewer.sees_numbers or self.has_change_permission(request):
            return names
        kept = request.__dict__.setdefault("columns", {})  # asked for twice, and compared
        return [
            kept.setdefault((self.model, name), column(self.model, name, request.viewer))
            for name in names
        ]

    def get_search_results(self, request, queryset, search_term):
        found, several = super().get_search_results(request, queryset, search_term)
        if search_term and not request.viewer.sees_numbers:
            keys = seen(search_term, found, self.search_fields, request.viewer)
            found = queryset.filter(pk__in=keys)
        return found, several

    def is_worn(self, row) -> bool:
        model, column = self.worn
        return model.objects.filter(**{column: row}).exists()

    def told(self, row) -> str:
        return f"“{row}” is on calls and cannot be deleted. {self.instead}"

    def delete_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, object_id)
        if row and self.has_delete_permission(request, row) and self.is_worn(row):
            self.message_user(request, self.told(row), messages.ERROR)
            meta = self.opts
            page = f"admin:{meta.app_label}_{meta.model_name}_change"
            return HttpResponseRedirect(reverse(page, args=[row.pk]))
        return super().delete_view(request, object_id, extra_context)

    @admin.action(permissions=["delete"], description="Delete selected %(verbose_name_plural)s")
    def delete_selected(self, request, queryset):
        worn = [row for row in queryset if self.is_worn(row)]
        for row in worn:
            self.message_user(request, self.told(row), messages.ERROR)
        return None if worn else delete_selected(self, request, queryset)

    actions = ["delete_selected"]


@admin.register(Tag)
class TagAdmin(WordAdmin):
    worn = (CallTag, "tag")
    instead = "Take it off those calls first, or rename it."
    list_display = fields = ["name"]


@admin.register(Disposition)
class DispositionAdmin(WordAdmin):
    worn = (CallDisposition, "disposition")
    instead = "Switch it off, and it is offered no more."
    list_display = fields = ["name", "active"]
    list_filter = ["active"]
    list_editable = ["active"]
