"""What every operation may answer besides what it is for: problems, and headers."""

PROBLEM = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "The kind of problem.",
        },
        "title": {"type": "string", "description": "The kind of problem in words."},
        "status": {"type": "integer", "description": "The HTTP status, again."},
        "detail": {"type": "string", "description": "What was wrong with this request."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "errors": {
            "type": "array",
            "description": "All faults at once, where faults have a place.",
            "items": {"$ref": "#/components/schemas/Fault"},
        },
    },
}
FAULT = {
    "type": "object",
    "description": "One fault: of a parameter, or of a place in the body.",
    "required": ["detail"],
    "properties": {
        "parameter": {"type": "string", "description": "The parameter, or header, at fault."},
        "pointer": {
            "type": "string",
            "description": "The place in the body, as a JSON pointer (RFC 6901).",
        },
        "detail": {"type": "string", "description": "What is wrong with it."},
    },
}
SCHEMAS = {"Problem": PROBLEM, "Fault": FAULT}

HEADERS = {
    "ETag": {
        "description": "Changes when the object does. Send it as `If-None-Match` and hear 304 "
        "while it has not.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds after which it is worth another try.",
        "schema": {"type": "integer", "minimum": 0},
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

# Name → status, description, the example's detail and faults, headers.
_PROBLEMS = {
    "BadRequest": (
        400,
        "A parameter or the body is at fault; all faults are named at once.",
        "Two parameters are at fault.",
        [
            {"parameter": "page_size", "detail": "A whole number from 1 to 1000."},
            {"parameter": "colour", "detail": "Unknown parameter."},
        ],
        (),
    ),
    "Unauthorized": (
        401,
        "No key, or none that is live.",
        "Unknown or inactive API key.",
        None,
        ("WWW-Authenticate",),
    ),
    "Forbidden": (403, "The key lacks a scope.", "This needs the scope calls:read.", None, ()),
    "NotFound": (404, "There is no such object.", "No Call matches the given query.", None, ()),
    "NotAcceptable": (
        406,
        "`Accept` names nothing that can be had.",
        "Could not satisfy the request Accept header.",
        None,
        (),
    ),
    "Conflict": (
        409,
        "It cannot be done as things stand, or another request with this `Idempotency-Key` is "
        "under way.",
        "A request with this Idempotency-Key is being answered.",
        None,
        ("Retry-After",),
    ),
    "UnsupportedMediaType": (
        415,
        "The body is not of a type that is read here.",
        'Unsupported media type "text/plain" in request.',
        None,
        (),
    ),
    "Unprocessable": (
        422,
        "This `Idempotency-Key` came with another request before.",
        "This Idempotency-Key was used for another request.",
        None,
        (),
    ),
    "TooManyRequests": (
        429,
        "Too many requests with this key.",
        "Too many requests. Try again in 12 seconds.",
        None,
        ("Retry-After",),
    ),
    "Unavailable": (
        503,
        "The database does not answer; try again.",
        "The database cannot be reached.",
        None,
        ("Retry-After",),
    ),
}
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    406: "Not Acceptable",
    409: "Conflict",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    503: "Service Unavailable",
}
NAME_OF = {status: name for name, (status, *_) in _PROBLEMS.items()}


def responses() -> dict:
    """The components that the operations point at, one per status."""
    return {name: _response(*about) for name, about in _PROBLEMS.items()}


def _response(status, description, detail, faults, headers) -> dict:
    example = {"type": "about:blank", "title": _TITLES[status], "status": status, "detail": detail}
    if faults:
        example["errors"] = faults
    response = {
        "description": description,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example,
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
    return {
        str(status): {"$ref": f"#/components/responses/{NAME_OF[status]}"} for status in statuses
    }
