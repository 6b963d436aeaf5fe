"""FreeClimb: signed JSON posts with camelCase keys, numbers as text or not, no time of day.

The pages are at https://docs.freeclimb.com/reference/webhooks.
"""

from collections.abc import Sequence
from datetime import datetime

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
)
from ..values import identifier
from . import answers, body, parser, signature

__all__ = ["FreeClimb"]


class FreeClimb(BaseProvider):
    provider = Provider.FREECLIMB
    methods = frozenset({"POST"})
    signature_header = "FreeClimb-Signature"

    def verify(
        self, header: str | None, body: bytes, secrets: Sequence[str], now: float
    ) -> datetime | None:
        return signature.verify(header, body, secrets, now)

    def describe(self, message: Message) -> Subject:
        record = body.is_record(message)
        kind = body.RECORD if record else ""
        try:
            sent, data, _ = contents(message, body.read)
            kind = kind or sent
            call = identifier(data.get("callId"), "callId")
            conference = identifier(data.get("conferenceId"), "conferenceId")
        except Unreadable:
            return Subject(kind)
        if conference and (call is None or (not record and body.is_about_conference(sent, data))):
            return Subject(kind, "conference", conference)
        return Subject(kind, "call", call) if call else Subject(kind)

    def parse(self, message: Message, context: Context) -> Reading:
        return parser.parse(message, context)

    def acknowledge(self, message: Message, scripts: Scripts) -> Answer:
        try:
            kind, data, _ = contents(message, body.read)
        except Unreadable:
            return answers.NOTHING
        return answers.answer(kind, data, scripts)
