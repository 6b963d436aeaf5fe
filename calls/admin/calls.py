from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.urls import path

from calls.desk import call_page
from calls.desk.paging import KeysetMixin
from calls.desk.summary import heading
from calls.models import Call, Leg

from .base import MergedAdmin
from .call_list import CallListMixin


@admin.register(Call)
class CallAdmin(CallListMixin, MergedAdmin):
    list_display = [
        "begun_at",
        "direction",
        "customer_number",
        "service_number",
        "status",
        "waited_seconds",
        "talk_seconds",
        "account",
        "provider_call_id",
    ]
    list_filter = [
        "status",
        "direction",
        "is_over",
        "missed",
        "is_root",
        "account__provider",
        "account",
    ]
    list_select_related = ["account"]
    search_fields = [
        "provider_call_id__exact",
        "customer_number__exact",
        "from_number__exact",
        "to_number__exact",
        "id__exact",
    ]
    ordering = ["-begun_at", "-id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "account",
                    "provider_call_id",
                    "direction",
                    ("status", "provider_status"),
                    ("is_over", "missed", "flagged"),
                    ("end_reason", "provider_end_reason"),
                    ("hangup_by", "provider_error_code"),
                ]
            },
        ),
        (
            "Parties",
            {
                "fields": [
                    ("from_number", "from_raw"),
                    ("to_number", "to_raw"),
                    ("customer_number", "service_number"),
                    "customer_digits",
                    ("agent_number", "agent_name", "agent_answered"),
                    ("group_name", "ivr_keys"),
                    "answered_by",
                    ("queue_state", "queue_id"),
                ]
            },
        ),
        (
            "Times",
            {
                "fields": [
                    "begun_at",
                    "started_at",
                    "answered_at",
                    "ended_at",
                    ("waited_seconds", "talk_seconds", "duration_seconds"),
                    ("cost_amount", "cost_unit"),
                ]
            },
        ),
        (
            "Belonging together",
            {
                "fields": [
                    ("parent", "parent_provider_call_id", "is_root"),
                ]
            },
        ),
        (
            "At the provider",
            {
                "fields": [
                    "id",
                    "phone_number_id",
                    "application_id",
                    "provider_request_id",
                    "provider_created_at",
                    "provider_updated_at",
                    "provider_revision",
                ]
            },
        ),
    ]

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = path("<uuid:pk>/reveal/", wrap(self.reveal_view), name="calls_call_reveal")
        return [own, *call_page.urls(self.admin_site), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return call_page.show(request, object_id, self)

    def reveal_view(self, request, pk):
        return call_page.reveal(request, pk, self)

    def heading(self, request, row):
        return heading(row, request.viewer)


@admin.register(Leg)
class LegAdmin(KeysetMixin, MergedAdmin):
    deferred = ["claims", "call__claims"]
    list_display = ["created_at", "call", "side", "party", "number", "name", "status"]
    list_filter = ["side", "party", "status"]
    list_select_related = ["call"]
    search_fields = ["call__provider_call_id__exact", "call__id__exact", "id__exact"]
    ordering = ["-created_at", "-id"]
    fields = [
        "id",
        "call",
        "side",
        "connected_call",
        "party",
        ("number", "raw_number"),
        "name",
        "status",
        "started_at",
        "answered_at",
        "ended_at",
    ]

    def heading(self, request, row):
        name = row.name or request.viewer.number(row.number) or row.get_party_display()
        return f"Leg {row.get_side_display()}: {request.viewer.text(name)}"
