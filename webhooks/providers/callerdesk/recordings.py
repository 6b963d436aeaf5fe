"""Where a recording lies, as text: nothing here ever opens the address.

It comes in an unsigned request, so anybody who knows the webhook's address could have written it.
"""

import re

from .. import values
from .request import Fields

MAX_URL = 2000
# Written out rather than parsed: browsers and parsers disagree on odd addresses, and those are
# what somebody would send who wants one fetched.
_OWN_HOST = re.compile(r"https://([a-z0-9-]+\.)*callerdesk\.io(:443)?([/?#][!-~]*)?", re.IGNORECASE)
# Only audio: a name may end in a CallSid, which looks like a file of type "960".
_FORMAT = re.compile(
    r"[a-z]+://[^/?#]+/[^?#]*\.(wav|mp3|ogg|opus|m4a|aac|gsm|amr|flac|webm)(?:[?#].*)?",
    re.IGNORECASE,
)


def address(fields: Fields) -> str | None:
    """The address as sent; one longer than MAX_URL is not cut below that, and fails `fits`."""
    return values.text(fields["CallRecordingUrl"], MAX_URL + 1)


def fits(url: str) -> bool:
    return len(url) <= MAX_URL


def audio_format(url: str) -> str | None:
    found = _FORMAT.fullmatch(url)
    return found[1].lower() if found else None


def flags(url: str | None) -> frozenset[str]:
    if not url:
        return frozenset()
    odd = {
        "recording_host_unknown": not _OWN_HOST.fullmatch(url),
        "url_too_long": not fits(url),
    }
    return frozenset(word for word, so in odd.items() if so)
