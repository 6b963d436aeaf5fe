"""The half of a call's admin that lists: see `calls.desk.calls_list`."""

from django.core.exceptions import PermissionDenied

from calls.desk import export_page, saved_views
from calls.desk.calls_list import changelist


class CallListMixin:
    def get_urls(self):
        own = [*saved_views.urls(self.admin_site), *export_page.urls(self.admin_site)]
        return [*own, *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "saved_views": saved_views.views_for(request),
        }
        return changelist(request, context | (extra_context or {}))
