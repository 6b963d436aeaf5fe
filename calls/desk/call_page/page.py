"""Everything on a call's page, and the numbers of one call for one look."""

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from calls import annotations
from calls.desk import recordings, tree
from calls.desk.calls_list.neighbours import list_behind
from calls.desk.provenance import inbox_for
from calls.desk.summary import heading, is_live, no_end_seen, summary
from calls.viewer import Viewer
from calltrack import audit
from calltrack.models import AuditEntry

from . import drawing, fields, loading
from .steps import kept_query
from .words import words_on


def show(request, pk, model_admin):
    """GET: the page."""
    if not request.user.has_perm("calls.view_call"):
        raise PermissionDenied
    call = loading.call_by(_uuid(pk))
    if call is None:
        raise Http404("No such call.")
    belonging = loading.belonging(call)
    context = {
        **admin.site.each_context(request),
        **_context(request, call, belonging, model_admin),
    }
    response = TemplateResponse(request, "desk/call.html", context)
    return recordings.allow_media(response, {one.account for one in belonging.recordings})


def _uuid(text):
    try:
        return text if isinstance(text, UUID) else UUID(str(text))
    except ValueError:
        raise Http404("No such call.") from None


@require_POST
def reveal(request, pk, model_admin):
    """The page with the call's numbers in full, this once; who looked is written down."""
    if not request.user.has_perms(["calls.view_call", "calls.reveal_number"]):
        raise PermissionDenied
    audit.record(request, AuditEntry.Action.REVEAL, object_type="call", object_id=pk)
    request.viewer = Viewer(request.user, sees_numbers=True, zone=request.viewer.zone)
    request.revealed = True
    response = show(request, pk, model_admin)
    response["Cache-Control"] = "no-store"
    return response


def _context(request, call, belonging, model_admin):
    user, viewer = request.user, request.viewer
    heard, more_heard, inbox = deliveries(user, request, call, belonging)
    players = _players(call, belonging, user)
    names = {
        "service": viewer.text(call.service_label or ""),
        "agent": call.agent_known or "",
    }
    may_write = user.has_perm("calls.annotate_call")
    words = words_on(call, choices=may_write)
    others = loading.others_of_customer(call)
    return {
        "title": heading(call, viewer),
        "opts": model_admin.opts,
        "call": call,
        "flags": ", ".join(flag.replace("_", " ") for flag in call.flags),
        "live": is_live(call),
        "no_end_seen": no_end_seen(call),
        "names": names,
        "agent": _agent(call, viewer),
        "summary": summary(call, viewer, **names, recorded=_recorded(call, belonging)),
        "picture": drawing.picture(call, belonging, heard, viewer),
        "nodes": _nodes(belonging, viewer),
        "participations": {one.conference_id: one for one in belonging.participations}.values(),
        "more": belonging.more,
        "players": players,
        "groups": fields.groups(call, model_admin.fields_shown(request, call), viewer, heard),
        "why_url": reverse("admin:calls_call_why", args=[call.pk]) if inbox else "",
        "inbox": inbox is not None,
        "heard": heard,
        "more_heard": more_heard,
        "all_heard": inbox.all_heard(call) if inbox else "",
        "words": words,
        "disposition": getattr(call, "call_disposition", None),
        "notes": [_Note(note, user, viewer) for note in words.notes] if words.notes else [],
        "may_write": may_write,
        "may_name_tags": may_write and user.has_perm("calls.add_tag"),
        "may_reveal": not viewer.sees_numbers and user.has_perm("calls.reveal_number"),
        "revealed": getattr(request, "revealed", False),
        "others": [(one, summary(one, viewer)) for one in others],
        "others_url": _others_url(call),
        "came_from": list_behind(request),
        "kept_query": kept_query(request),
    }


def deliveries(user, request, row, belonging):
    """What was heard of it, for those who may look into the inbox."""
    inbox = inbox_for(user)
    if inbox is None:
        return [], False, None
    beside = {one.conference_id: "its conference" for one in belonging.participations}
    if row.parent_id:
        beside[row.parent_id] = "its parent"
    heard, more = inbox.heard(request, row, beside, loading.MOST)
    return heard, more, inbox


class _Note:
    def __init__(self, note, user, viewer):
        self.note = note
        self.may_write = annotations.may_write(note, user)
        # Who cannot read all of it would write the dots into it.
        self.may_edit = self.may_write and viewer.text(note.after) == note.after


def _players(call, belonging, user):
    numbers = {one.pk: one for one in belonging.lineage}
    found = []
    for one in belonging.recordings:
        if one.call_id == call.pk:
            title = "Recording of this call"
        elif one.call_id in numbers:
            title = "Recording of a call that belongs to it"
        else:
            title = "Recording of its conference"
        found.append(recordings.Player(one, user, title))
    return found


def _recorded(call, belonging):
    return any(one.call_id == call.pk for one in belonging.recordings)


def _agent(call, viewer):
    return (
        viewer.text(call.agent_known or call.agent_name) or viewer.number(call.agent_number) or ""
    )


def _nodes(belonging, viewer):
    found = tree.nodes(belonging.family, belonging.legs)
    for node in found:
        node.legs = [(leg, drawing.leg_name(leg, viewer)) for leg in node.legs]
    return found


def _others_url(call):
    if not call.customer_number:
        return ""
    return reverse("admin:calls_call_changelist") + f"?customer_of={call.pk}"
