"""What a webhook gets to hear: a PerCL array, empty where none is expected or none is at hand."""

import json
import re
from typing import Any

from calls.choices import TERMINAL, Status
from calls.numbers import e164

from ..base import WITHOUT_SCRIPT, Answer, Scripts
from ..values import text
from . import words
from .body import Fields, is_about_conference

NOTHING = Answer(b"[]", "application/json")
_UNSCRIPTED = Answer(NOTHING.body, NOTHING.content_type, WITHOUT_SCRIPT)

_WHEN_CONNECTED = {"outDialConnect", "outDialApiConnect"}
_NOT_ON_HANGUP = {"audioStream", "getSpeech", "leaveConference", "removeFromQueueNotification"}
_SAME = {"conferenceCallControl": "callControl"}  # older name: today's


def answer(kind: str, data: Fields, scripts: Scripts) -> Answer:
    """The endpoint's script for the type and the called number, else for the type. A note where
    PerCL was expected of us and there is none. A type we do not know may have a script too."""
    if not _may_answer(kind, data):
        return NOTHING
    called = text(data.get("to")) or ""
    for name in dict.fromkeys((kind, _SAME.get(kind, kind))):
        for number in dict.fromkeys((called, "")):
            script = scripts.get((name, number))
            if script is not None:
                return _write(script)
    if kind in words.SCRIPTED and not _is_over(data):
        return _UNSCRIPTED
    return NOTHING


def script_key(request_type: str, to: str, region: str) -> tuple[str, str]:
    """What a script is found by: the type, and the called number as FreeClimb sends it. Raises
    ValueError for what would never be looked for."""
    request_type, to = request_type.strip(), to.strip()
    if request_type in words.NOTIFICATIONS:
        raise ValueError(f"{request_type} is a notification: FreeClimb runs no PerCL after it")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{1,63}", request_type):
        raise ValueError("a request type is a word such as outDialConnect")
    if not to:
        return request_type, ""
    number = to if to.startswith("sip:") else e164(to, region)
    if number is None or text(number, 64) != number or len(to) > 64:
        raise ValueError(f"{to[:64]!r} is no telephone number and no SIP address")
    return request_type, number


def _may_answer(kind: str, data: Fields) -> bool:
    """Would PerCL be run? See the pages outdialconnect, outdialapiconnect, leaveconference,
    audiostream, removefromqueuenotification, getspeech, createconference."""
    if not kind or kind in words.NOTIFICATIONS:
        return False
    if kind in _WHEN_CONNECTED:
        return _status(data) == Status.IN_PROGRESS
    if kind in _NOT_ON_HANGUP:
        hung_up = "hangup" in (text(data.get("reason")), text(data.get("queueResult")))
        return not hung_up and not _is_over(data)
    return not is_about_conference(kind, data)


def _status(data: Fields) -> Status | None:
    word = text(data.get("callStatus")) or text(data.get("dialCallStatus"))
    return words.STATUSES.get(word) if word else None


def _is_over(data: Fields) -> bool:
    return _status(data) in TERMINAL


def _write(script: list[Any]) -> Answer:
    return Answer(json.dumps(script, separators=(",", ":")).encode(), NOTHING.content_type)
