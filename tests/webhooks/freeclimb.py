"""FreeClimb's payloads for tests, and what its reader makes of them. No database."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from webhooks.providers.base import Context, Reading
from webhooks.providers.freeclimb import FreeClimb

PAYLOADS = Path(__file__).resolve().parent.parent / "payloads" / "freeclimb"
SIGNED = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
RECEIVED = datetime(2026, 3, 14, 12, 0, 2, 345678, tzinfo=UTC)

ACCOUNT = "AC010101c0ffeec0ffeec0ffeec0ffeedecade0001"
CALL = "CA010101c0ffeec0ffeec0ffeec0ffeedecade0001"
CHILD = "CA020202c0ffeec0ffeec0ffeec0ffeedecade0002"
CONFERENCE = "CF010101c0ffeec0ffeec0ffeec0ffeedecade0001"
QUEUE = "QU010101c0ffeec0ffeec0ffeec0ffeedecade0001"
RECORDING = "RE010101c0ffeec0ffeec0ffeec0ffeedecade0001"

MISSING = object()  # a change that takes the key away
reader = FreeClimb()


@dataclass(kw_only=True)
class Message:
    """What a stored delivery looks like to a reader."""

    body: bytes
    method: str = "POST"
    content_type: str = "application/json"
    query: str = ""
    kind: str = ""
    signed_at: datetime | None = SIGNED
    received_at: datetime = RECEIVED


def fields(name: str, **changes: Any) -> dict[str, Any]:
    """The payload of that name, changed; `from_` stands for `from`."""
    data = json.loads((PAYLOADS / f"{name}.json").read_text())
    data |= {key.rstrip("_"): value for key, value in changes.items()}
    return {key: value for key, value in data.items() if value is not MISSING}


def message(name: str, **changes: Any) -> Message:
    body = json.dumps(fields(name, **changes)).encode()
    if name == "rest_call":
        return Message(body=body, method="REST", kind="rest:call", signed_at=None)
    return Message(body=body)


def read(name: str, region: str = "", **changes: Any) -> Reading:
    return reader.parse(message(name, **changes), Context(ACCOUNT, region))


def about(reading: Reading, kind: type, *key: str) -> dict[str, tuple]:
    """field → (value, strength): what a reading says about one object, {} if it only names it.

    Raises KeyError where the object is not named, AssertionError where a field is said twice.
    """
    named = [
        fact
        for fact in reading.facts
        if type(fact) is kind and tuple(getattr(fact, name) for name in fact.identity) == key
    ]
    if not named:
        raise KeyError(f"{kind.__name__} {key}")
    told = {}
    for fact in named:
        for field, value in fact.said():
            assert field not in told, f"{field} is said twice"
            told[field] = (value, fact.claim.strength)
    return told


def values(reading: Reading, kind: type, *key: str) -> dict[str, Any]:
    return {field: value for field, (value, _) in about(reading, kind, *key).items()}


def names(reading: Reading, kind: type) -> set:
    """The objects of that kind that a reading names."""
    return {
        tuple(getattr(fact, name) for name in fact.identity)
        for fact in reading.facts
        if type(fact) is kind
    }
