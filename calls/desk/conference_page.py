"""The page of one conference: who was in it and when, its recordings, its calls."""

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now

from calls.choices import CONFERENCE_FINAL
from calls.desk import recordings, timeline
from calls.desk.call_page import fields
from calls.desk.provenance import inbox_for
from calls.desk.summary import heading as call_heading
from calls.desk.summary import is_live
from calls.desk.timeline import Dot, Lane, Span
from calls.models import Conference
from calls.templatetags.desk import duration

MOST = 100


def heading(conference, viewer):
    name = viewer.text(conference.alias)
    return f"Conference {name}" if name else "Conference"


def show(request, pk, model_admin):
    """GET: the page."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    conference = _found(pk)
    taken = conference.participants.select_related("call__account")
    taken = taken.defer("claims", "call__claims").order_by("joined_at", "id")
    participants = list(taken[: MOST + 1])
    heard = conference.recordings.select_related("account").defer("claims")
    players = [
        recordings.Player(one, request.user, "Recording of this conference")
        for one in heard.order_by("created_at", "id")[:MOST]
    ]
    inbox = inbox_for(request.user)
    deliveries, more = inbox.heard(request, conference, {}, MOST) if inbox else ([], False)
    viewer = request.viewer
    context = {
        **admin.site.each_context(request),
        "title": heading(conference, viewer),
        "opts": model_admin.opts,
        "conference": conference,
        "summary": summary(conference, len(participants[:MOST]), len(participants) > MOST, players),
        "picture": _picture(conference, participants[:MOST], players, deliveries, viewer),
        "participants": [
            (one, call_heading(one.call, viewer), _stay(one)) for one in participants[:MOST]
        ],
        "more_participants": len(participants) > MOST,
        "players": players,
        "groups": fields.groups(
            conference, model_admin.fields_shown(request, conference), viewer, deliveries
        ),
        "why_url": reverse("admin:calls_conference_why", args=[conference.pk]) if inbox else "",
        "inbox": inbox is not None,
        "heard": deliveries,
        "more_heard": more,
        "all_heard": inbox.all_heard(conference) if inbox else "",
    }
    response = TemplateResponse(request, "desk/conference.html", context)
    return recordings.allow_media(response, {one.recording.account for one in players})


def _found(pk):
    try:
        return Conference.objects.select_related("account").get(pk=UUID(str(pk)))
    except (ValueError, Conference.DoesNotExist):
        raise Http404("No such conference.") from None


def summary(conference, calls, more, players):
    """What happened, in words."""
    many = f"{calls:,}{'+' if more else ''} {'call' if calls == 1 else 'calls'}"
    parts = [f"Conference with {many}"]
    if conference.started_at and conference.ended_at:
        seconds = (conference.ended_at - conference.started_at).total_seconds()
        parts.append(f"lasted {duration(max(0, seconds))}")
    elif conference.status in CONFERENCE_FINAL:
        parts.append("over")
    elif conference.started_at:
        parts.append("no end seen so far")
    else:
        parts.append("nobody was seen in it yet")
    if players:
        parts.append("recorded")
    return ", ".join(parts) + "."


def _picture(conference, participants, players, deliveries, viewer):
    lanes = [_lane(one, conference, viewer) for one in participants]
    for player in players:
        if lane := _recording(player.recording, conference):
            lanes.append(lane)
    dots = [Dot(one.at, f"{one.kind or 'unknown'} received") for one in deliveries]
    return timeline.draw(lanes, dots)


def _lane(one, conference, viewer):
    left = one.left_at or conference.ended_at or (one.call.ended_at if one.call.is_over else None)
    live = not left and is_live(one.call)
    spans = []
    if one.joined_at:
        end = left or (now() if live else one.joined_at)
        spans = [Span("conference", one.joined_at, max(end, one.joined_at), live)]
    label = viewer.number(one.call.customer_number) or str(one.call)
    url = reverse("admin:calls_call_change", args=[one.call_id])
    return Lane(label, spans, url, _stay(one) or one.get_state_display())


def _stay(one):
    if not one.joined_at or not one.left_at:
        return ""
    return duration(max(0, (one.left_at - one.joined_at).total_seconds()))


def _recording(recording, conference):
    if not conference.started_at or not conference.ended_at:
        return None
    start, end = conference.started_at, conference.ended_at
    if end < start:
        return None
    url = reverse("admin:calls_recording_change", args=[recording.pk])
    note = duration(recording.duration_seconds) or "length unknown"
    return Lane("Recording", [Span("recording", start, end)], url, note)
