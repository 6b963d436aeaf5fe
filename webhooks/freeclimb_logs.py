"""`/apiserver/…/Calls/{callId}/Logs`: the webhooks about a call, as FreeClimb's own logs tell of
them. FreeClimb has an entry for each request and one for each answer; ours are the requests that
came, with what became of them."""

import json
from math import isfinite

from django.db.models import Q

from calls.facts import micros
from calls.freeclimb_api import filters
from calls.freeclimb_api.base import ListView
from calls.freeclimb_api.paging import Listed
from calls.freeclimb_api.resources import Reader, Shown
from calls.freeclimb_api.views import one_call
from calls.masking import value_without_numbers, without_numbers

from .importing import REST_CALL
from .models import Delivery, State
from .payloads import HIDDEN, hides_digits, without_addresses

# What was flagged is still processed.
LEVELS = {
    State.RECEIVED: "info",
    State.PROCESSED: "info",
    State.IGNORED: "warning",
    State.FAILED: "error",
}
REQUEST_ID = "Request-Id"
TOLD_HEADERS = ("User-Agent", REQUEST_ID)
_DEEPEST = 50  # levels


def log(row: Delivery, reader: Reader) -> Shown:
    """`metadata` is an object always: the vendor's SDKs take nothing else."""
    content = _body(row, reader)
    data = content if isinstance(content, dict) else {}
    sent_id, call_id = row.headers.get(REQUEST_ID) or data.get("requestId"), data.get("callId")
    return {
        "timestamp": micros(row.received_at),
        "level": "warning" if row.state == State.PROCESSED and row.reason else LEVELS[row.state],
        "requestId": sent_id if isinstance(sent_id, str) else None,
        "accountId": reader.account.provider_account_id,
        "callId": call_id if isinstance(call_id, str) else None,
        "message": _message(row),
        "metadata": {
            "requestHeaders": {
                name: row.headers[name] for name in TOLD_HEADERS if name in row.headers
            },
            "requestBody": content,
            "state": row.state,
            "reason": _text(row.reason, reader) or None,
        },
    }


def _message(row: Delivery) -> str:
    """As FreeClimb words it. The token in the address is a secret."""
    if row.kind == REST_CALL:
        return "The provider's own record of the call was read in"
    return f"Customer Request : {row.method} /webhooks/{row.provider}/"


def _body(row: Delivery, reader: Reader):
    """What the body says: JSON, else its text. Addresses and numbers only for who may have them."""
    text = bytes(row.body).decode("utf-8", "backslashreplace")
    if not reader.may_hear:
        text = without_addresses(text)
    try:
        content = json.loads(text, parse_constant=str, parse_float=_float)
    except (ValueError, RecursionError):
        content = None
    if content is None or _is_deep(content):
        return _text(text, reader)
    if reader.sees_numbers:
        return content
    return HIDDEN if hides_digits(text) else value_without_numbers(content)


def _float(text: str) -> float | str:
    """JSON has no infinity: 1e999 stays as it was sent."""
    number = float(text)
    return number if isfinite(number) else text


def _is_deep(content) -> bool:
    """So deep that reading on would end in a fault."""
    level = [content]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)


def _text(text: str, reader: Reader) -> str:
    if not reader.may_hear:
        text = without_addresses(text)
    if reader.sees_numbers:
        return text
    return HIDDEN if hides_digits(text) else without_numbers(text)


class CallLogsView(ListView):
    name = "logs"
    parameters = filters.LOGS
    make = log
    scope = "deliveries:read"

    def under(self, account_id, call_id):
        return ["Calls", call_id, "Logs"]

    def listed(self, reader):
        call = one_call(self.kwargs["call_id"], reader)
        return Listed(Delivery.objects.all(), "received_at", Q(subject=call.pk))
