"""The parameters of `/api/v1/changes/`."""

from dataclasses import dataclass

from calltrack.problems import BadParameters

from . import cursors
from .cursors import Cursor, NotACursor
from .kinds import KINDS

NOW = "now"
LIMIT, MOST = 100, 1_000  # objects in one answer
LONGEST_WAIT = 30  # seconds
_KNOWN = {"after", "types", "limit", "wait", "format"}


@dataclass(frozen=True, slots=True)
class Asked:
    after: Cursor | None
    from_now: bool
    kinds: tuple[str, ...] | None  # None: nothing was said
    limit: int
    wait: int  # seconds


def asked_for(request) -> Asked:
    """Raises BadParameters with all that is wrong."""
    faults: dict[str, list[str]] = {}
    for name, values in request.query_params.lists():
        if name not in _KNOWN:
            faults[name] = ["Unknown parameter."]
        elif len(values) > 1:
            faults[name] = ["Given more than once."]
    said = request.query_params
    kinds = _kinds(said.get("types"), faults)
    limit = _whole("limit", said.get("limit"), LIMIT, range(1, MOST + 1), faults)
    wait = _whole("wait", said.get("wait"), 0, range(LONGEST_WAIT + 1), faults)
    from_now = said.get("after") == NOW
    after = None if from_now else _cursor(said.get("after"), faults)
    if after and kinds and kinds != after.kinds:
        faults["types"] = [f"This cursor was begun with {','.join(after.kinds)}."]
    if faults:
        raise BadParameters(faults)
    return Asked(after, from_now, kinds, limit, wait)


def _cursor(text: str | None, faults) -> Cursor | None:
    if text is None:
        return None
    try:
        return cursors.read(text)
    except NotACursor:
        faults.setdefault("after", ["Neither a cursor of this address nor the word now."])


def _kinds(text: str | None, faults) -> tuple[str, ...] | None:
    if text is None:
        return None
    words = text.split(",")
    if unknown := [word for word in words if word not in KINDS]:
        told = ", ".join(repr(word) for word in unknown)
        faults.setdefault("types", [f"Not of {', '.join(KINDS)}: {told}."])
        return None
    return cursors.in_order(words)


def _whole(name: str, text: str | None, default: int, allowed: range, faults) -> int:
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) in allowed:
        return int(text)
    faults.setdefault(name, [f"A whole number from {allowed[0]} to {allowed[-1]}."])
    return default
