from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.utils.html import format_html

from calls.desk import conference_page, recordings
from calls.desk.paging import KeysetMixin
from calls.desk.summary import heading
from calls.models import Conference, Participant, Recording
from calls.templatetags.desk import duration
from calltrack.admin import link

from .base import MergedAdmin


def _unbroken(text):
    return format_html('<span class="nowrap num">{}</span>', text) if text else "-"


@admin.display(description="Account")
def company(row):
    """Without the provider: lists are narrow."""
    return row.account.name


@admin.register(Conference)
class ConferenceAdmin(KeysetMixin, MergedAdmin):
    list_display = ["created_at", "alias", "status", "started_at", "length", company]
    list_filter = ["status", "account__provider", "account"]
    list_select_related = ["account"]
    search_fields = ["provider_conference_id__exact", "id__exact"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "id",
                    "account",
                    "provider_conference_id",
                    "alias",
                    ("status", "provider_status"),
                    "started_at",
                    "ended_at",
                ]
            },
        )
    ]

    def get_list_display(self, request):
        def name(conference):
            return conference_page.heading(conference, request.viewer)

        name.short_description = "conference"
        shown = super().get_list_display(request)
        return [name if getattr(one, "__name__", one) == "alias" else one for one in shown]

    @admin.display(description="Length")
    def length(self, conference):
        if not conference.started_at or not conference.ended_at:
            return "-"
        seconds = (conference.ended_at - conference.started_at).total_seconds()
        return _unbroken(duration(max(0, seconds)))

    def heading(self, request, row):
        return conference_page.heading(row, request.viewer)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return conference_page.show(request, object_id, self)


@admin.register(Participant)
class ParticipantAdmin(KeysetMixin, MergedAdmin):
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
    fieldsets = [
        (None, {"fields": ["id", "conference", "call", "state", "joined_at", "left_at"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("conference", "call")

    def heading(self, request, row):
        conference = conference_page.heading(row.conference, request.viewer)
        return f"{request.viewer.number(row.call.customer_number) or 'A call'} in {conference}"


@admin.register(Recording)
class RecordingAdmin(KeysetMixin, MergedAdmin):
    deferred = ["claims", "call__claims", "conference__claims"]
    list_display = ["created_at", "call", "length", "state", "playable", company]
    list_filter = ["state", "account__provider", "account"]
    list_select_related = ["account", "call__account", "conference"]
    search_fields = ["provider_recording_id__exact", "id__exact"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "player",
                    "call",
                    "conference",
                    "duration_seconds",
                    "state",
                    "format",
                    "size_bytes",
                    "url",
                    "provider_recording_id",
                    "account",
                    "id",
                ]
            },
        )
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account", "call", "conference")

    def get_urls(self):
        return [*recordings.urls(self.admin_site), *super().get_urls()]

    def get_list_display(self, request):
        """Whose recording it is, in words that this person may read."""

        def what(recording):
            if recording.call:
                return link(recording.call, heading(recording.call, request.viewer))
            if recording.conference:
                return link(
                    recording.conference,
                    conference_page.heading(recording.conference, request.viewer),
                )
            return "Nothing that we know"

        what.short_description = "recording of"
        shown = super().get_list_display(request)
        return [what if one == "call" else one for one in shown]

    def get_fieldsets(self, request, obj=None):
        """With the player of the person who looks."""

        def player(recording):
            one = recordings.Player(recording, request.user)
            return render_to_string("desk/_player.html", {"player": one}, request)

        player.short_description = "listen"
        sets = super().get_fieldsets(request, obj)
        return [
            (
                title,
                options
                | {"fields": [player if one == "player" else one for one in options["fields"]]},
            )
            for title, options in sets
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, object_id)
        return recordings.allow_media(response, [row.account]) if row else response

    def heading(self, request, row):
        if row.call:
            name = heading(row.call, request.viewer)
            article = "an" if name[0] in "IO" else "a"
            return f"Recording of {article} {name[0].lower()}{name[1:]}"
        if row.conference:
            return f"Recording of {conference_page.heading(row.conference, request.viewer)}"
        return "Recording"

    @admin.display(description="Length")
    def length(self, recording):
        return _unbroken(duration(recording.duration_seconds))

    @admin.display(description="Playable", boolean=True)
    def playable(self, recording):
        return not recordings.obstacle(recording)
