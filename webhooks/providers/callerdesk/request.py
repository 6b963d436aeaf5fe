"""A request of any shape CallerDesk sends, read into one flat table of texts.

The content type is not believed: integrations met JSON, forms and queries under any of them.
"""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from ..base import Message, Unreadable

# Names that other versions and resellers use for documented ones.
ALIASES = {
    "callsid": ["call_sid"],
    "callrecordingurl": ["call_recording_url", "recording_url"],
    "destinationnumber": ["did", "deskphone"],
    "direction": ["call direction", "call_direction"],
    "status": ["call_status", "callstatus"],
}
_RECORDING = {"callrecordingurl", *ALIASES["callrecordingurl"]}

_BOM = b"\xef\xbb\xbf"
_NAME = re.compile(r"[A-Za-z_][\w .\-\[\]]{0,63}", re.ASCII)
# A URL registered with a query of its own gets the fields behind a second question mark.
_SECOND_QUERY = re.compile(rb"\?(?=[A-Za-z_]\w*=)")
_FORM_DATA = re.compile(rb"content-disposition:\s*form-data", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,200})', re.IGNORECASE)
_FIRST_LINE = re.compile(rb"--([^\r\n]{1,200})\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_PART_NAME = re.compile(rb'\bname=(?:"([^"\r\n]*)"|([^;\s"]+))', re.IGNORECASE)
_FILE = re.compile(rb"\bfilename\*?=", re.IGNORECASE)


class Fields:
    """What a request said, by name in any case, as texts. The first of equal names stands."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()):
        self._values: dict[str, str] = {}
        for name, value in pairs:
            self._values.setdefault(name.strip().lower(), value.strip())

    def __getitem__(self, name: str) -> str:
        """The text, "" where nothing was said. A bare `null` is how some clients write nothing."""
        name = name.lower()
        for known in (name, *ALIASES.get(name, ())):
            value = self._values.get(known, "")
            if value and value != "null":
                return value
        return ""

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)


def read(message: Message) -> Fields:
    """Body values before those of the query. Raises Unreadable for a body that is no fields."""
    query = message.query.encode("utf-8", "replace")
    return Fields([*_body(bytes(message.body), message.content_type), *_pairs(_resplit(query))])


def _body(body: bytes, content_type: str) -> list[tuple[str, str]]:
    body = body.removeprefix(_BOM).strip()
    if not body:
        return []
    if body.startswith(b"{"):
        return _json(body)
    if _FORM_DATA.search(body) and (boundary := _boundary(body, content_type)):
        return list(_parts(body, boundary))
    pairs = list(_pairs(body.split(b"&"))) if b"=" in body else []
    if not pairs or not _NAME.fullmatch(pairs[0][0].strip()):
        raise Unreadable("the body is neither a JSON object nor a form")
    return pairs


class _Object(list):
    """A JSON object as its pairs: a dict would keep the last of equal names."""


def _json(body: bytes) -> list[tuple[str, str]]:
    """Numbers stay the texts they were: a CallSid of 1672649960.960 keeps its zero."""
    try:
        data = json.loads(
            body.decode("utf-8", "replace"),
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=_Object,
            strict=False,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the body is not JSON: {error}") from error
    return [(name, value) for name, value in data if isinstance(value, str)]


def _pairs(pieces: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    for piece in pieces:
        name, _, value = piece.partition(b"=")
        if name:
            yield _unquote(name), _unquote(value)


def _unquote(quoted: bytes) -> str:
    return unquote_to_bytes(quoted.replace(b"+", b" ")).decode("utf-8", "replace")


def _resplit(query: bytes) -> Iterator[bytes]:
    """The pieces of a query, with those that a second `?` glued to the one before it."""
    for piece in query.split(b"&"):
        if _unquote(piece.partition(b"=")[0]).strip().lower() in _RECORDING:
            yield piece  # an address may hold a query of its own
        else:
            yield from _SECOND_QUERY.split(piece)


def _boundary(body: bytes, content_type: str) -> bytes | None:
    named = _BOUNDARY.search(content_type or "")
    if named and (boundary := named[1].encode("utf-8", "replace")) in body:
        return boundary
    first = _FIRST_LINE.match(body)
    return first[1].rstrip() if first else None


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, str]]:
    """The texts of a multipart form; files are left out."""
    for part in (b"\n" + body).split(b"\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            return
        head, *rest = _HEAD_END.split(part, maxsplit=1)
        name = _PART_NAME.search(head)
        if name and rest and not _FILE.search(head):
            key = name[1] if name[1] is not None else name[2]
            yield key.decode("utf-8", "replace"), rest[0].decode("utf-8", "replace")
