"""Which of its two events CallerDesk sent."""

from typing import NamedTuple

from .. import values
from . import times, words
from .request import Fields

REPORT, LIVE, PING = "call_report", "live_call", "ping"
_TYPES = {"CALLREPORT": REPORT, "LIVECALL": LIVE}
_ONLY_IN_REPORTS = ("CallDuration", "TalkDuration", "CallRecordingUrl", "coins")


class Event(NamedTuple):
    kind: str  # call_report, live_call, ping, or the type sent
    report: bool  # to be read as a Call Report
    known: bool = True


def event(fields: Fields) -> Event:
    """The `type` decides; without one, what only a report has to tell; else it is a live event."""
    sent = values.text(fields["type"], 64)
    kind = _TYPES.get(words.key(sent)) if sent else None
    if kind:
        return Event(kind, kind == REPORT)
    report = any(fields[name] for name in _ONLY_IN_REPORTS) or any(
        not times.is_null(value)
        for name, value in fields.items()
        if name == "EndTime" or name.lower().startswith("leg")
    )
    if sent:
        return Event(sent.lower()[:64], report, known=False)
    if report:
        return Event(REPORT, True)
    return Event(LIVE, False) if fields["CallSid"] else Event(PING, False)
