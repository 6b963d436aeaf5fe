"""What every operation may answer besides what it is for: problems, and headers."""

from http import HTTPStatus

from calltrack.problems.kinds import KINDS, kind_of
from calltrack.problems.response import CONTENT_TYPE, problem

SCHEMAS = {
    "Problem": {
        "type": "object",
        "description": "Why a request was refused (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "The kind of problem; it stays, and leads to an explanation.",
                "enum": [kind.type for kind in KINDS],
            },
            "title": {"type": "string", "description": "The kind of problem in words."},
            "status": {"type": "integer", "description": "The HTTP status, again."},
            "detail": {"type": "string", "description": "What was wrong with this request."},
            "instance": {
                "type": "string",
                "format": "uri",
                "description": "Of a fault of ours: what the log has it under.",
            },
            "errors": {
                "type": "array",
                "description": "All faults at once, where faults have a place.",
                "items": {"$ref": "#/components/schemas/Fault"},
            },
        },
    },
    "Fault": {
        "type": "object",
        "description": "One fault: of a parameter, or of a place in the body.",
        "required": ["detail", "code"],
        "properties": {
            "parameter": {"type": "string", "description": "The parameter at fault."},
            "pointer": {
                "type": "string",
                "format": "json-pointer",
                "description": "The place in the body at fault (RFC 6901).",
            },
            "detail": {"type": "string", "description": "What is wrong with it."},
            "code": {"type": "string", "description": "The same in one word."},
        },
    },
}

_SECONDS = {"type": "integer", "minimum": 0}
HEADERS = {
    "ETag": {
        "description": "Changes when the answer does. Send it as `If-None-Match` and hear 304 "
        "while it has not.",
        "schema": {"type": "string"},
    },
    "RateLimit-Limit": {
        "description": "Requests of this kind that the key may make in its span of time.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit-Remaining": {
        "description": "How many of them are left.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "RateLimit-Reset": {
        "description": "Seconds until all of them may be made again.",
        "schema": _SECONDS,
    },
    "Retry-After": {
        "description": "Seconds after which it is worth another try.",
        "schema": _SECONDS,
    },
    "Idempotent-Replayed": {
        "description": "`true`: this is the answer that the first request with this "
        "`Idempotency-Key` got; nothing was done again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "WWW-Authenticate": {
        "description": "`Bearer`: a key is wanted.",
        "schema": {"type": "string"},
    },
    "Allow": {"description": "The methods that there are.", "schema": {"type": "string"}},
}
LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Drawn by you, once per deed. Sent again with the same key and body, within a "
    "day, it is not done again, and answered alike.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[!-~]([ -~]*[!-~])?$",
    },
}

_FAULTS = [
    {"parameter": "page_size", "detail": "A whole number from 1 to 1000.", "code": "invalid"},
    {"parameter": "colour", "detail": "Unknown parameter.", "code": "invalid"},
]
# Status → the example's detail and faults, and headers besides those of all answers.
_PROBLEMS = {
    400: ("2 faults: page_size, colour.", _FAULTS, ()),
    401: ("Unknown or inactive API key.", (), ("WWW-Authenticate",)),
    403: ("This needs the scope calls:read.", (), ()),
    404: ("Not found.", (), ()),
    405: ('Method "PUT" not allowed.', (), ("Allow",)),
    406: ("Could not satisfy the request Accept header.", (), ()),
    409: ("A request with this Idempotency-Key is being answered.", (), ()),
    410: ("Changes before this cursor are forgotten. Read everything again.", (), ()),
    411: ("Send the body with its Content-Length, not in chunks. Nothing was done.", (), ()),
    413: ("The body is too large.", (), ()),
    415: ('Unsupported media type "text/plain" in request.', (), ()),
    422: ("This Idempotency-Key was used for another request.", (), ()),
    429: ("Request was throttled. Expected available in 12 seconds.", (), ("Retry-After",)),
    503: ("The database does not answer. Try again soon.", (), ("Retry-After",)),
}


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def responses() -> dict:
    """The components that the operations point at, one per status."""
    return {_name(status): _response(status, *about) for status, about in _PROBLEMS.items()}


def _response(status, detail, faults, headers) -> dict:
    kind = KINDS[0] if faults else kind_of(status)
    meanings = {one.meaning: None for one in KINDS if one.status == status}
    response = {
        "description": " ".join(meanings),
        "content": {
            CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": problem(kind, detail, faults),
            }
        },
    }
    if headers:
        response["headers"] = header_refs(*headers)
    return response


def header_refs(*names: str) -> dict:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def problem_refs(*statuses: int) -> dict:
    """Status → what an operation says of it."""
    return {str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in statuses}
