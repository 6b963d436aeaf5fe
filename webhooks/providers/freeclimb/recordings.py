"""What a delivery says about a recording. Pages: callstatus, record, transcribe, conferencestatus,
conferencerecordingstatus, createconference under https://docs.freeclimb.com/reference/."""

import re

from calls.choices import RecordingState
from calls.facts import Claim, RecordingFact

from ..values import identifier, text, whole
from .body import Fields

MAX_URL = 2_000
_WHOLE = 100_000  # characters; no body is that long
_ID_IN_PATH = re.compile(r"(?:^|/)(RE[0-9a-fA-F]{8,})(?=[/.]|$)")


def recording(
    data: Fields, claim: Claim, *, call: str | None, conference: str | None, notes: list[str]
) -> RecordingFact | None:
    """None where id and URL are empty or zero: a recording of zero length is none.

    Without an id the one in the URL's path counts, else the whole URL is the key: its last part
    alone ("Download") would make one recording of many.
    """
    given = identifier(_unless_zero(data.get("recordingId")), "recordingId")
    url = _unless_zero(data.get("recordingUrl"))
    if given is None and url is None:
        return None
    found = given or _id_in(url)
    key = found or url
    if url is not None and len(url) > MAX_URL:
        notes.append(f"recordingUrl is longer than {MAX_URL} characters")
        url = None  # cut it would lead nowhere
    return RecordingFact(
        key=key,
        claim=claim,
        provider_recording_id=found,
        call=call,
        conference=conference,
        url=url,
        duration_seconds=_seconds(data),
        size_bytes=whole(data.get("recordingSize")),
        format=text(data.get("recordingFormat"), 64),
        state=RecordingState.AVAILABLE if url else RecordingState.ANNOUNCED,
    )


def _unless_zero(value: object) -> str | None:
    cleaned = text(value, _WHOLE)
    return None if cleaned == "0" else cleaned


def _id_in(url: str) -> str | None:
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    found = _ID_IN_PATH.findall(path)
    return found[-1] if found and len(found[-1]) <= 255 else None


def _seconds(data: Fields) -> int | None:
    for name in ("recordingDurationSec", "recordingDuration"):
        seconds = whole(data.get(name))
        if seconds is not None:
            return seconds
    milliseconds = whole(data.get("recordingDurationMs"))
    return None if milliseconds is None else -(-milliseconds // 1000)
