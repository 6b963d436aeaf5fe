"""From a delivery's bytes to its fields."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from ..base import Message, Unreadable
from ..values import text
from . import words

RECORD = "rest:call"  # the kind of a Call resource pulled by API; no webhook makes one

# One of these makes a form of what is no JSON: the vendor's test recipes post forms.
_FORM = frozenset({"requestType", "callId", "conferenceId", "accountId"})

# Made once: `json.loads` with options makes a new one for each text, at twice the price.
_JSON = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)

Fields = Mapping[str, Any]


class Contents(NamedTuple):
    kind: str  # the requestType; "" where it is missing
    data: Fields
    notes: list[str]  # what was odd about the bytes


def read(message: Message) -> Contents:
    """The fields. Numbers are texts, NaN too. Raises Unreadable.

    Of a key that comes twice the last one counts. Bytes that are no text are replaced.
    """
    raw = bytes(message.body)
    if not raw or raw.isspace():
        raise Unreadable("the body is empty")
    encoding = "utf-8" if raw.startswith(b'{"') else json.detect_encoding(raw)
    notes = []
    try:
        written = raw.decode(encoding)
    except UnicodeDecodeError:
        written = raw.decode(encoding, "replace")
        notes.append("bytes that are no text were replaced")
    try:
        data = _JSON.decode(written)
    except RecursionError:
        raise Unreadable("the JSON is nested too deeply") from None
    except ValueError as error:
        data = dict(parse_qsl(written.strip(), keep_blank_values=True, errors="replace"))
        if not _FORM & data.keys():
            raise Unreadable(f"neither JSON nor a form: {error}") from None
        data = {name: None if value == "null" else value for name, value in data.items()}
    if not isinstance(data, dict):
        raise Unreadable("the JSON is no object")
    return Contents(text(data.get("requestType"), 64) or "", data, notes)


def is_record(message: Message) -> bool:
    """Was it pulled by API? A webhook that calls itself so was not."""
    return message.kind == RECORD and message.method == "REST"


def is_about_conference(kind: str, data: Fields) -> bool:
    """createConference goes to two addresses: only the conference's own one hears a status."""
    return kind in words.CONFERENCE or (kind == "createConference" and "status" in data)
