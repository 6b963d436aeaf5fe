"""Addresses of the calls that a figure counts. No telephone number is ever part of one."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.urls import reverse


def calls_url(start: datetime | None = None, end: datetime | None = None, **filters) -> str:
    """The list of the conversations that began from `start` until before `end`."""
    asked = {"begun_at__gte": start, "begun_at__lt": end} | filters
    query = {name: _text(value) for name, value in asked.items() if value not in (None, "")}
    return f"{reverse('admin:calls_call_changelist')}?{urlencode(query)}"


def _text(value) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
