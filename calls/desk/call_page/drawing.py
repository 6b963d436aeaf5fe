"""A call's timeline: a lane per leg, then conferences and recordings."""

from datetime import timedelta

from django.urls import reverse
from django.utils.timezone import now

from calls.choices import Side, Status
from calls.desk import timeline
from calls.desk.summary import is_live
from calls.desk.timeline import Dot, Lane, Span, connection_spans
from calls.templatetags.desk import duration

REACHED = (Status.IN_PROGRESS, Status.COMPLETED)


def leg_name(leg, viewer):
    """Who is at the other end, as far as this viewer may know."""
    return (
        viewer.text(getattr(leg, "known", None) or leg.name)
        or viewer.number(leg.number)
        or leg.get_party_display()
    )


def picture(call, belonging, heard, viewer):
    """None where nothing has a time."""
    moment = now()
    calls = {one.pk: one for one in belonging.lineage}
    lanes = _leg_lanes(call, calls, belonging, viewer, moment)
    lanes += [_conference_lane(one, calls, viewer, moment) for one in belonging.participations]
    lanes += [
        lane
        for one in belonging.recordings
        if (lane := _recording_lane(one, calls, belonging.participations))
    ]
    dots = [Dot(one.at, f"{one.kind or 'unknown'} received") for one in heard if not one.about]
    dots += [
        Dot(at, label)
        for at, label in ((call.answered_at, "Answered"), (call.ended_at, "Ended"))
        if at
    ]
    return timeline.draw(lanes, dots)


def _leg_lanes(call, calls, belonging, viewer, moment):
    lanes, shown = [], set()
    legs = belonging.of_lineage(belonging.legs)
    for leg in sorted(legs, key=lambda leg: (leg.started_at or leg.created_at, leg.side)):
        connected = calls.get(leg.connected_call_id, call)
        shown |= {leg.call_id if leg.side == Side.A else leg.connected_call_id}
        spans = connection_spans(
            started=leg.started_at,
            answered=leg.answered_at,
            ended=leg.ended_at,
            live=is_live(connected),
            now=moment,
            over_at=connected.ended_at if connected.is_over else None,
            reached=leg.status in REACHED,
        )
        url = reverse("admin:calls_leg_change", args=[leg.pk])
        label = f"{leg.get_side_display()}: {leg_name(leg, viewer)}"
        lanes.append(Lane(label, spans, url, _told(leg.get_status_display(), spans)))
    for one in calls.values():  # no leg is known of it: its own times
        if one.pk in shown or any(leg.call_id == one.pk for leg in legs):
            continue
        spans = connection_spans(
            started=one.started_at,
            answered=one.answered_at,
            ended=one.ended_at,
            live=is_live(one),
            now=moment,
            reached=one.status in REACHED,
        )
        label = "This call" if one.pk == call.pk else f"Call {viewer.number(one.to_number)}"
        url = reverse("admin:calls_call_change", args=[one.pk])
        lanes.append(Lane(label, spans, url, _told(one.get_status_display(), spans)))
    return lanes


def _told(status, spans):
    talked = sum(span.seconds for span in spans if span.kind == "talk")
    return f"{status}, {duration(talked)}" if talked else status


def _conference_lane(taken, calls, viewer, moment):
    conference = taken.conference
    left = taken.left_at or conference.ended_at
    call = calls.get(taken.call_id)
    if not left and call and call.is_over:
        left = call.ended_at
    live = not left and call is not None and is_live(call)
    spans = []
    if taken.joined_at and (left or live):
        spans = [Span("conference", taken.joined_at, max(taken.joined_at, left or moment), live)]
    elif taken.joined_at:
        spans = [Span("conference", taken.joined_at, taken.joined_at)]
    name = viewer.text(conference.alias) or "conference"
    url = reverse("admin:calls_conference_change", args=[conference.pk])
    whose = f"{viewer.number(call.customer_number)} in" if call and len(calls) > 1 else "In"
    return Lane(f"{whose} {name}", spans, url, taken.get_state_display())


def _recording_lane(recording, calls, participations):
    """Nobody says when a recording began: it is drawn so that it ends with what it records."""
    call = calls.get(recording.call_id)
    if call:
        start, end = call.answered_at or call.started_at, call.ended_at
    else:
        found = [one.conference for one in participations]
        conference = next((one for one in found if one.pk == recording.conference_id), None)
        if conference is None:
            return None
        start, end = conference.started_at, conference.ended_at
    length = timedelta(seconds=min(recording.duration_seconds or 0, 10**8))
    if length and end:
        start = end - length
    elif length and start:
        end = start + length
    if not start or not end or end < start:
        return None
    url = reverse("admin:calls_recording_change", args=[recording.pk])
    note = duration(recording.duration_seconds) or "length unknown"
    return Lane("Recording", [Span("recording", start, end)], url, note)
