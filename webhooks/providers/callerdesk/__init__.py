"""CallerDesk: unsigned GETs or POSTs, flat texts, Indian times without a zone.

https://docs.callerdesk.io/sample-payload describes both events, the Call Report after a call and
the Live Call during it.
"""

from calls.choices import Provider

from ..base import Answer, BaseProvider, Context, Message, Reading, Scripts, Subject, Unreadable
from ..values import identifier
from . import events, parser, request


class CallerDesk(BaseProvider):
    provider = Provider.CALLERDESK
    methods = frozenset({"GET", "POST"})
    signature_header = None

    def describe(self, message: Message) -> Subject:
        """Kind: call_report, live_call, ping, or the `type` sent in small letters."""
        try:
            fields = request.read(message)
        except Unreadable:
            return Subject()
        kind = events.event(fields).kind
        try:
            call_id = identifier(fields["CallSid"], "CallSid")
        except Unreadable:
            call_id = None
        return Subject(kind, "call", call_id) if call_id else Subject(kind)

    def parse(self, message: Message, context: Context) -> Reading:
        fields = request.read(message)
        return parser.parse(fields, message.received_at, context)

    def acknowledge(self, message: Message, scripts: Scripts) -> Answer:
        """The text that CallerDesk's own GET example is answered with."""
        return Answer(b"success", "text/plain; charset=utf-8")


__all__ = ["CallerDesk"]
