"""FreeClimb's error body: {"code", "call", "message", "url", "details"}.

The OpenAPI file calls the words `call`, the vendor's command line reads `message`: both are there.
Codes are those of FreeClimb's dictionary, https://docs.freeclimb.com/reference/error-and-warning-
dictionary; "Invalid Request" is told for any parameter that cannot be taken.
"""

import logging
from typing import NamedTuple

from django.http import JsonResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from calltrack.problems import BadParameters
from calltrack.problems.handler import meant_by

logger = logging.getLogger(__name__)

DICTIONARY = "https://docs.freeclimb.com/reference/error-and-warning-dictionary"
REALM = 'Basic realm="calltrack", charset="UTF-8"'


class Error(NamedTuple):
    code: int
    words: str


INTERNAL = Error(0, "Internal Failure")
INVALID = Error(3, "Invalid Request")
UNAUTHORIZED = Error(50, "Unauthorized To Make Request")
# Status → the error, where an exception does not bring its own.
ERRORS = {
    400: INVALID,
    401: UNAUTHORIZED,
    403: UNAUTHORIZED,
    404: Error(1, "Not Found"),
    405: Error(2, "Method Not Allowed"),
    429: Error(24, "Rate Limit Exceeded"),
    503: Error(55, "Service Unavailable"),
}
NO_CALL = NO_CONFERENCE = Error(66, "Conference Or Call Not Found")
NO_RECORDING = Error(68, "Recording Not Found")


class NotThere(exceptions.NotFound):
    """A 404 with a code of its own."""

    def __init__(self, error: Error, detail: str):
        super().__init__(detail)
        self.error = error


def body(error: Error, details: dict) -> dict:
    url = f"{DICTIONARY}#{error.code}"
    return {
        "code": error.code,
        "call": error.words,
        "message": error.words,
        "url": url,
        "details": details,
    }


def plain(status: int, detail: str = "", headers: dict[str, str] | None = None) -> JsonResponse:
    """The answer where no view of ours is at work: an unknown host, a fault of ours."""
    error = ERRORS.get(status, INVALID if status < 500 else INTERNAL)
    details = {"message": detail} if detail else {}
    return JsonResponse(body(error, details), status=status, headers=headers)


def exception_handler(exc, context):
    """DRF's. None for what is a fault of ours: Django logs it and answers."""
    known = meant_by(exc)
    if known is None:
        return None
    if known is not exc:
        logger.warning("%s: %s", type(exc).__name__, exc)
    set_rollback()
    status = known.status_code
    error = getattr(known, "error", None) or ERRORS.get(status)
    error = error or (INVALID if status < 500 else INTERNAL)
    if isinstance(known, BadParameters):
        details = {name: " ".join(map(str, faults)) for name, faults in known.detail.items()}
    else:
        details = {"message": str(known.detail)}
    headers = {}
    if challenge := getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(known, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    if isinstance(known, exceptions.MethodNotAllowed):
        headers["Allow"] = "GET, HEAD"
    return JsonResponse(body(error, details), status=status, headers=headers)
