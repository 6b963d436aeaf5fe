"""How pages write numbers, lengths of time and states."""

from functools import cache

from django import template
from django.utils.html import format_html

from calls.choices import Status

register = template.Library()

# Status → the class of its badge; the word is always there too.
BADGES = {
    Status.QUEUED: "live",
    Status.RINGING: "live",
    Status.IN_PROGRESS: "live",
    Status.COMPLETED: "ok",
    Status.BUSY: "warn",
    Status.NO_ANSWER: "bad",
    Status.CANCELED: "warn",
    Status.FAILED: "bad",
}


@register.simple_tag(takes_context=True)
def number(context, text):
    """A telephone number as this viewer may see it. Without a viewer: masked."""
    viewer = context.get("viewer")
    return viewer.number(text) if viewer else _nobody(text)


@register.simple_tag(takes_context=True)
def free_text(context, text):
    """What people or providers wrote; numbers in it as this viewer may see them."""
    viewer = context.get("viewer")
    return viewer.text(text) if viewer else _nobody(text)


def _nobody(text):
    return "••••" if text else ""


@register.filter
def duration(seconds):
    """3 min 20 s; 1 h 02 min; "" for unknown."""
    if seconds is None or seconds == "":
        return ""
    seconds = int(seconds)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


@register.simple_tag
def status_badge(row):
    """The status of a call or leg, in colour and word."""
    return _badge(row.status)


@cache  # a page of fifty calls shows 150 of them
def _badge(status):
    kind = BADGES.get(status, "")
    classes = f"badge badge--{kind}" if kind else "badge"
    words = dict(Status.choices).get(status, status)
    return format_html('<span class="{}">{}</span>', classes, words)
