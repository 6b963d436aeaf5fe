"""What the inbox shows on the pages of calls: it offers itself, calls do not know it."""

from django.urls import reverse

from calls.desk.provenance import Heard, Inbox, claimed, offer
from webhooks import why
from webhooks.models import State
from webhooks.payloads import form_lines, readable, shown

MOST_SHOWN = 20_000  # characters of one payload

BADGES = {State.FAILED: "bad", State.IGNORED: "warn", State.RECEIVED: "live"}


def address(delivery):
    return reverse("admin:webhooks_delivery_change", args=[delivery.pk])


def heard(request, row, beside, most):
    """In the order in which they came; of more than that many the newest. `beside`: what else
    deliveries about the row may be about → how that is called."""
    about = {row.pk, *beside}
    found = why.deliveries(about, claimed(row), most + 1)
    more = len(found) > most
    told = [_heard(one, row, beside, request.viewer) for one in reversed(found[:most])]
    return told, more


def _heard(delivery, row, beside, viewer):
    body = readable(delivery.body, delivery.content_type)
    query = form_lines(delivery.query) if delivery.query else ""
    text = "\n\n".join(part for part in (query, body) if part)
    elsewhere = "" if delivery.subject == row.pk else "something else"
    return Heard(
        pk=delivery.pk,
        at=delivery.received_at,
        kind=viewer.text(delivery.kind),
        state=delivery.get_state_display(),
        badge=BADGES.get(delivery.state, "ok"),
        reason=viewer.text(delivery.reason),
        about=beside.get(delivery.subject, elsewhere),
        payload=shown(text, viewer)[:MOST_SHOWN],
        cut=len(text) > MOST_SHOWN,
        url=address(delivery),
    )


def all_heard(row):
    return reverse("admin:webhooks_delivery_changelist") + f"?subject={row.pk}"


def sayings(row):
    return why.sayings(row, address)


offer(Inbox(permission="webhooks.view_delivery", heard=heard, sayings=sayings, all_heard=all_heard))
