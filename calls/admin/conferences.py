from django.contrib import admin
from django.utils.html import format_html

from calls.models import Conference, Participant, Recording
from calltrack.admin import link_to_list, links

from .base import MergedAdmin


@admin.register(Conference)
class ConferenceAdmin(MergedAdmin):
    list_display = [
        "created_at",
        "provider_conference_id",
        "alias",
        "status",
        "started_at",
        "ended_at",
        "account",
    ]
    list_filter = ["status", "account__provider", "account"]
    list_select_related = ["account"]
    search_fields = ["provider_conference_id__exact", "id__exact"]
    ordering = ["-created_at", "-id"]
    fields = [
        "id",
        "account",
        "provider_conference_id",
        "alias",
        ("status", "provider_status"),
        "started_at",
        "ended_at",
        "participants_shown",
        "recordings_shown",
    ]

    @admin.display(description="Participants")
    def participants_shown(self, conference):
        more = link_to_list(Participant, "All", conference__id__exact=conference.pk)
        taken = conference.participants.select_related("call").defer("claims", "call__claims")
        return links(
            taken.order_by("joined_at", "id"),
            lambda one: f"{one.call}: {one.get_state_display()}",
            more,
        )

    @admin.display(description="Recordings")
    def recordings_shown(self, conference):
        more = link_to_list(Recording, "All", conference__id__exact=conference.pk)
        return links(conference.recordings.defer("claims").order_by("created_at", "id"), more=more)


@admin.register(Participant)
class ParticipantAdmin(MergedAdmin):
    deferred = ["claims", "call__claims", "conference__claims"]
    list_display = ["created_at", "conference", "call", "state", "joined_at", "left_at"]
    list_filter = ["state"]
    list_select_related = ["conference", "call"]
    search_fields = [
        "conference__provider_conference_id__exact",
        "call__provider_call_id__exact",
        "id__exact",
    ]
    ordering = ["-created_at", "-id"]
    fields = ["id", "conference", "call", "state", "joined_at", "left_at"]


@admin.register(Recording)
class RecordingAdmin(MergedAdmin):
    deferred = ["claims", "call__claims", "conference__claims"]
    list_display = [
        "created_at",
        "provider_recording_id",
        "call",
        "conference",
        "duration_seconds",
        "state",
        "account",
    ]
    list_filter = ["state", "account__provider", "account"]
    list_select_related = ["account", "call", "conference"]
    search_fields = ["provider_recording_id__exact", "id__exact"]
    ordering = ["-created_at", "-id"]
    fields = [
        "id",
        "account",
        "provider_recording_id",
        "call",
        "conference",
        "address",
        "duration_seconds",
        "size_bytes",
        "format",
        "state",
    ]

    @admin.display(description="Address")
    def address(self, recording):
        if not recording.url.startswith("https://"):
            return recording.url or "-"
        return format_html(
            '<a href="{0}" rel="noopener noreferrer" target="_blank">{0}</a>', recording.url
        )
