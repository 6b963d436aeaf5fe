"""The kinds of problems, each with an address of its own that stays and explains it."""

from dataclasses import dataclass
from http import HTTPStatus

PAGE = "/api/docs/problems"


@dataclass(frozen=True, slots=True)
class Kind:
    name: str  # the fragment of its address
    status: int
    title: str
    meaning: str  # what to do about it

    @property
    def type(self) -> str:
        return f"{PAGE}#{self.name}"


INVALID_PARAMETERS = Kind(
    "invalid-parameters",
    400,
    "Parameters that cannot be taken",
    "The query holds unknown parameters or bad values. `errors` names each one by `parameter`.",
)
INVALID_BODY = Kind(
    "invalid-body",
    400,
    "A body that cannot be taken",
    "The body can be read, but not all of it can be taken. `errors` names each fault by `pointer`, "
    "a JSON Pointer (RFC 6901) into the body; an empty one means the body as a whole.",
)
KINDS = (
    INVALID_PARAMETERS,
    INVALID_BODY,
    Kind(
        "malformed",
        400,
        "A request that cannot be read",
        "The body is not what its Content-Type says, or the request is broken. Nothing was done.",
    ),
    Kind(
        "not-authenticated",
        401,
        "Not authenticated",
        "Send `Authorization: Bearer <key>`. The key may be unknown, expired or ended, or its "
        "integration switched off.",
    ),
    Kind(
        "forbidden",
        403,
        "Not allowed",
        "The key lacks the scope that `detail` names, or the person the permission.",
    ),
    Kind("not-found", 404, "Not found", "There is no such address, or no such object."),
    Kind(
        "method-not-allowed",
        405,
        "Method not allowed",
        "The header Allow names the methods that this address knows.",
    ),
    Kind(
        "not-acceptable",
        406,
        "Not acceptable",
        "Nothing that the header Accept names can be had here. JSON always can.",
    ),
    Kind(
        "conflict",
        409,
        "Conflict",
        "The request contradicts what is there by now. Read it again, then decide.",
    ),
    Kind("gone", 410, "Gone", "It was there, and is no more. `detail` says how to go on."),
    Kind(
        "length-required",
        411,
        "Length required",
        "Send the body with a Content-Length, not with `Transfer-Encoding: chunked`. Nothing was "
        "done.",
    ),
    Kind("too-large", 413, "Too large", "Send less at once."),
    Kind(
        "unsupported-media-type",
        415,
        "Unsupported media type",
        "Bodies are JSON: send `Content-Type: application/json`.",
    ),
    Kind(
        "unprocessable",
        422,
        "Cannot be done",
        "The request can be read, but not carried out. `detail` says why.",
    ),
    Kind(
        "throttled",
        429,
        "Too many requests",
        "Wait for as many seconds as the header Retry-After says. RateLimit-Limit, "
        "RateLimit-Remaining and RateLimit-Reset stand on every answer to a key.",
    ),
    Kind(
        "server-error",
        500,
        "A fault of ours",
        "It is in the log under `instance`. A request that only reads may be sent again.",
    ),
    Kind(
        "unavailable",
        503,
        "Not available now",
        "Try again after as many seconds as the header Retry-After says.",
    ),
)
MALFORMED = KINDS[2]
_BY_STATUS = {kind.status: kind for kind in KINDS if kind not in (INVALID_PARAMETERS, INVALID_BODY)}


def kind_of(status: int) -> Kind:
    """The one for a status; "about:blank" in the sense of RFC 9457 where there is none."""
    return _BY_STATUS.get(status) or _Plain("", status, HTTPStatus(status).phrase, "")


class _Plain(Kind):
    @property
    def type(self) -> str:
        return "about:blank"
