"""The desk: Django's admin with a navigation of ours."""

from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.urls import path, reverse


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    url_name: str  # within the namespace "admin"
    permission: str  # "" for everybody who may come in


# Group → its pages, in the order in which they are shown. What somebody may not see is left out.
NAVIGATION = {
    "": [
        Page("Home", "index", ""),
        Page("Calls", "calls_call_changelist", "calls.view_call"),
        Page("Live", "live", "calls.view_call"),
        Page("Missed calls", "calls_missedcustomer_changelist", "calls.view_call"),
        Page("Conferences", "calls_conference_changelist", "calls.view_conference"),
        Page("Recordings", "calls_recording_changelist", "calls.view_recording"),
    ],
    "Tracking": [
        Page("Sources", "sources", "calls.view_servicenumber"),
        Page("Service numbers", "calls_servicenumber_changelist", "calls.view_servicenumber"),
        Page("Agents", "calls_agent_changelist", "calls.view_agent"),
        Page("Tags", "calls_tag_changelist", "calls.view_tag"),
        Page("Dispositions", "calls_disposition_changelist", "calls.view_disposition"),
    ],
    "Webhooks": [
        Page("Inbox", "webhooks_delivery_changelist", "webhooks.view_delivery"),
        Page("Needs attention", "needs_attention", "webhooks.view_delivery"),
        Page("Endpoints", "webhooks_endpoint_changelist", "webhooks.view_endpoint"),
        Page("Call scripts", "webhooks_callscript_changelist", "webhooks.view_callscript"),
        Page("Subscriptions", "webhooks_subscription_changelist", "webhooks.view_subscription"),
        Page("Messages", "webhooks_message_changelist", "webhooks.view_message"),
    ],
    "Administration": [
        Page("Users", "auth_user_changelist", "auth.view_user"),
        Page("Groups", "auth_group_changelist", "auth.view_group"),
        Page("Integrations", "calls_integration_changelist", "calls.view_integration"),
        Page("Accounts", "calls_account_changelist", "calls.view_account"),
        Page("Jobs", "calltrack_job_changelist", "calltrack.view_job"),
        Page("Audit log", "calltrack_auditentry_changelist", "calltrack.view_auditentry"),
    ],
}


class DeskSite(admin.AdminSite):
    site_header = site_title = "calltrack"
    index_title = "Home"
    site_url = None
    enable_nav_sidebar = False

    def get_urls(self):
        """Pages of ours that are no model's; each view gets the context that all pages share."""
        from calls.desk.live import board
        from calls.desk.sources import sources
        from calltrack.login import SecondStep
        from calltrack.profile import profile
        from webhooks.attention import needs_attention

        return [
            path("live/", self.page(board, "Live", "calls.view_call"), name="live"),
            path(
                "sources/",
                self.page(sources, "Sources", "calls.view_servicenumber"),
                name="sources",
            ),
            path("login/code/", SecondStep.as_view(), name="second_step"),
            path("profile/", self.page(profile, "Profile", ""), name="profile"),
            path(
                "needs-attention/",
                self.page(needs_attention, "Needs attention", "webhooks.view_delivery"),
                name="needs_attention",
            ),
            *super().get_urls(),
        ]

    def has_permission(self, request):
        """Staff, having shown the second factor if they have one."""
        from calltrack.login import is_wholly_in

        return super().has_permission(request) and is_wholly_in(request.user)

    def login(self, request, extra_context=None):
        from calltrack.login import password_step

        return password_step(self, request, extra_context)

    def page(self, view, title, permission):
        """`view(request, context)` behind the login, for those with the permission ("": all)."""

        def guarded(request, **kwargs):
            if permission and not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, self.each_context(request) | {"title": title}, **kwargs)

        return self.admin_view(guarded)

    def index(self, request, extra_context=None):
        from calls.desk.home import figures
        from webhooks.health import inbox_health

        own = figures(request) | inbox_health(request)
        return super().index(request, own | (extra_context or {}))

    def each_context(self, request):
        from calls.desk.saved_views import pinned_views

        context = super().each_context(request)
        if context["has_permission"]:
            context["navigation"] = navigation(request)
            context["pinned_views"] = pinned_views(request)
        return context


def navigation(request):
    """Groups of the pages that this person may see; the one they are on is `current`."""
    groups = []
    for name, pages in NAVIGATION.items():
        items = []
        for page in pages:
            if page.permission and not request.user.has_perm(page.permission):
                continue
            url = reverse(f"admin:{page.url_name}")
            inside = request.path.startswith(url) if page.url_name != "index" else False
            items.append({"name": page.name, "url": url, "current": request.path == url or inside})
        if items:
            groups.append({"name": name, "items": items})
    return groups
