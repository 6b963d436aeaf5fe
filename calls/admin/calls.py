from django.contrib import admin

from calls.models import Call, Leg, Participant, Recording
from calltrack.admin import link_to_list, links

from .base import MergedAdmin


@admin.register(Call)
class CallAdmin(MergedAdmin):
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
                    ("is_over", "missed"),
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
                    "legs_shown",
                    "children_shown",
                    "conferences_shown",
                    "recordings_shown",
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

    @admin.display(description="Legs")
    def legs_shown(self, call):
        more = link_to_list(Leg, "All legs", call__id__exact=call.pk)
        legs = call.legs.defer("claims").order_by("side", "started_at", "id")
        return links(legs, _describe_leg, more)

    @admin.display(description="Calls that it dialled")
    def children_shown(self, call):
        more = link_to_list(Call, "All calls that it dialled", parent__id__exact=call.pk)
        return links(
            call.children.defer("claims").order_by("begun_at", "id"),
            lambda child: f"{child.to_number or child}: {child.get_status_display()}",
            more,
        )

    @admin.display(description="Conferences")
    def conferences_shown(self, call):
        more = link_to_list(Participant, "All conferences", call__id__exact=call.pk)
        taken = call.participations.select_related("conference").defer(
            "claims", "conference__claims"
        )
        return links(
            taken.order_by("joined_at", "id"),
            lambda one: f"{one.conference.alias or one.conference}: {one.get_state_display()}",
            more,
        )

    @admin.display(description="Recordings")
    def recordings_shown(self, call):
        more = link_to_list(Recording, "All recordings", call__id__exact=call.pk)
        return links(call.recordings.defer("claims").order_by("created_at", "id"), more=more)


def _describe_leg(leg):
    who = leg.name or leg.number or leg.get_party_display()
    return f"{leg.get_side_display()}: {who}, {leg.get_status_display()}"


@admin.register(Leg)
class LegAdmin(MergedAdmin):
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
