"""CallerDesk: unsigned GETs or POSTs, flat texts, Indian times without a zone.

https://docs.callerdesk.io/sample-payload describes both events, the Call Report after a call and
the Live Call during it.
"""

from calls.choices import Provider

from ..base import (
    Answer,
    BaseProvider,
    Context,
    Message,
    Reading,
    Scripts,
    Subject,
    Unreadable,
    contents,
    take_contents,
)
from ..values import identifier
from . import events, parser, request


class CallerDesk(BaseProvider):
    provider = Provider.CALLERDESK
    methods = frozenset({"GET", "POST"})
    signature_header = None

    def describe(self, message: Message) -> Subject:
        """Kind: call_report, live_call, ping, or the `type` sent in small letters."""
        try:
            fields, what = contents(message, _read)
        except Unreadable:
            return Subject()
        try:
            call_id = identifier(fields["CallSid"], "CallSid")
        except Unreadable:
            call_id = None
        return Subject(what.kind, "call", call_id) if call_id else Subject(what.kind)

    def parse(self, message: Message, context: Context) -> Reading:
        fields, what = take_contents(message, _read)
        return parser.parse(fields, what, message.received_at, context)

    def acknowledge(self, message: Message, scripts: Scripts) -> Answer:
        """The text that CallerDesk's own GET example is answered with."""
        return Answer(b"success", "text/plain; charset=utf-8")


def _read(message: Message) -> tuple[request.Fields, events.Event]:
    fields = request.read(message)
    return fields, events.event(fields)


__all__ = ["CallerDesk"]
