"""What the CallerDesk tests share: payload files, and requests made of them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from calls.facts import CallFact, LegFact, RecordingFact
from webhooks.providers.base import Context, Reading
from webhooks.providers.callerdesk import CallerDesk

PAYLOADS = Path(__file__).parent.parent / "payloads" / "callerdesk"
RECEIVED = datetime(2024, 1, 1, 12, tzinfo=UTC)
INDIA = Context(region="IN", time_zone="Asia/Kolkata")
PROVIDER = CallerDesk()


@dataclass
class Request:
    """What a parser sees of a delivery."""

    method: str = "POST"
    content_type: str = "application/json"
    query: str = ""
    body: bytes = b""
    kind: str = ""
    signed_at: datetime | None = None
    received_at: datetime = RECEIVED


def payload(case: str, **changes) -> dict:
    """The fields of a payload file; a change to None leaves the field out."""
    fields = json.loads((PAYLOADS / f"{case}.json").read_text()) | changes
    return {name: value for name, value in fields.items() if value is not None}


def posted(case: str, **changes) -> Request:
    return Request(body=json.dumps(payload(case, **changes)).encode())


def got(case: str, **changes) -> Request:
    return Request("GET", "", urlencode(payload(case, **changes)))


def read(request: Request, context: Context = INDIA) -> Reading:
    return PROVIDER.parse(request, context)


def call(reading: Reading) -> CallFact:
    """What is said of the call; not what was worked out for want of being said."""
    return next(fact for fact in reading.facts if isinstance(fact, CallFact))


def leg(reading: Reading, side: str) -> LegFact | None:
    legs = (fact for fact in reading.facts if isinstance(fact, LegFact))
    return next((fact for fact in legs if fact.side == side), None)


def recording(reading: Reading) -> RecordingFact | None:
    return next((fact for fact in reading.facts if isinstance(fact, RecordingFact)), None)
