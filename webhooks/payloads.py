"""A delivery's body for people's eyes. Nothing is executed, fetched or lost: the exact bytes are a
download away."""

import re
from urllib.parse import parse_qsl

from calltrack.admin import indent_json

WITHHELD = "[address of a recording]"
HIDDEN = "Not shown: these bytes are no plain text, so numbers in them could not be hidden."

# What could stand between the digits of a number: UTF-16, broken bytes.
_BETWEEN_DIGITS = re.compile(r"\x00|\\u0000|\d(?:\\x[0-9a-f]{2})+\d")

# Whoever has a recording's address can mostly play it: so it is only for those who may, and whose
# playing is written down. Absolute, or FreeClimb's relative one; JSON may write "/" as "\\/".
_ADDRESS = re.compile(r"""(?:https?:)?(?:\\?/){2}[^\s"'<>]+|\\?/Accounts\\?/[^\s"'<>]+""", re.I)
_IN_QUERY = re.compile(r"(?:https?(?:%3A|:))?(?:%2F){2}[^\s&]+|%2FAccounts%2F[^\s&]+", re.I)


def readable(body: bytes, content_type: str = "") -> str:
    """Text to be escaped before it is shown. JSON is laid out, a form has a line per field."""
    text = bytes(body).decode("utf-8", "backslashreplace")
    if content_type.startswith("application/x-www-form-urlencoded") and text[:1] not in ("{", "["):
        return form_lines(text)
    return indent_json(text)


def form_lines(text: str) -> str:
    """A query or form as lines `name = value`; what is no form comes back as it is."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="backslashreplace")
    except ValueError:
        return text
    return "\n".join(f"{name} = {value}" for name, value in pairs) or text


def shown(text: str, viewer) -> str:
    """Readable text as this viewer may see it."""
    if not viewer.sees_numbers and hides_digits(text):
        return HIDDEN
    if not viewer.user.has_perm("calls.play_recording"):
        text = without_addresses(text)
    return viewer.text(text)


def hides_digits(text: str) -> bool:
    """Could a number be in it that is not seen as one?"""
    return _BETWEEN_DIGITS.search(text) is not None


def without_addresses(text: str) -> str:
    """The text without what may be a recording's address, also as a query writes it."""
    return _IN_QUERY.sub(WITHHELD, _ADDRESS.sub(WITHHELD, text))
