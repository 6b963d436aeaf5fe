"""The door. Store first, understand second: once stored, the provider gets its 2xx.

It reads the request from the server's own WSGI environ: Django's handler, middleware and request
objects took seven times the CPU of all that is done here, the commit apart.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from time import time
from typing import Any, NamedTuple

from django.db import DatabaseError
from django.utils.timezone import now

from . import admission, inbox, last_use
from .admission import Admission
from .deliveries import build
from .models import Delivery
from .providers import PROVIDERS
from .providers.base import Answer, BaseProvider

logger = logging.getLogger(__name__)

MAX_BODY = 64 * 1024  # bytes; of a query string too

# Kept beside the body, where sent: its name in the environ, and on the row.
_KEPT = {
    "HTTP_USER_AGENT": "User-Agent",
    "HTTP_REQUEST_ID": "Request-Id",
    "HTTP_FREECLIMB_SIGNATURE": "FreeClimb-Signature",
    "HTTP_X_FORWARDED_FOR": "X-Forwarded-For",
}

Environ = Mapping[str, Any]


class Response(NamedTuple):
    status: HTTPStatus
    body: bytes
    content_type: str = "text/plain"
    headers: tuple[tuple[str, str], ...] = ()


NO_ENDPOINT = Response(HTTPStatus.NOT_FOUND, b"No such endpoint.\n")
CUT_OFF = Response(HTTPStatus.BAD_REQUEST, b"The body was cut off.\n")
TOO_LARGE = Response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"More than 64 KiB.\n")
NO_LENGTH = Response(HTTPStatus.LENGTH_REQUIRED, b"Say the length.\n")
BAD_SIGNATURE = Response(HTTPStatus.UNAUTHORIZED, b"Bad signature.\n")
NOT_STORED = Response(
    HTTPStatus.SERVICE_UNAVAILABLE, b"Could not be stored.\n", headers=(("Retry-After", "5"),)
)
BROKEN = Response(HTTPStatus.INTERNAL_SERVER_ERROR, b"Something went wrong here.\n")


def answer(environ: Environ, provider: str, token: str) -> Response:
    """Take a webhook in. 404 unknown token, 405 method, 413 over 64 KiB, 400 cut off, 411 length
    needed, 401 bad signature, 503 not stored (with Retry-After), 200 otherwise: duplicates, unknown
    and unreadable ones too. Raises nothing; log lines name no token and no query."""
    try:
        return _receive(environ, provider, token)
    except (inbox.Unavailable, DatabaseError) as error:
        logger.error("A webhook of %s could not be stored: %s", provider, error)
        return NOT_STORED
    except Exception:
        logger.exception("A webhook of %s could not be answered", provider)
        return BROKEN


def _receive(environ: Environ, provider: str, token: str) -> Response:
    reader = PROVIDERS.get(provider)
    known = admission.find(provider, token) if reader else None
    if known is None:
        return _refuse(NO_ENDPOINT, known)
    method = environ["REQUEST_METHOD"]
    if method not in reader.methods:
        allowed = ("Allow", ", ".join(sorted(reader.methods)))
        return _refuse(Response(HTTPStatus.METHOD_NOT_ALLOWED, b"", headers=(allowed,)), known)
    query = read_query(environ)
    try:
        body = read_body(environ)
    except CutOff:
        return _refuse(CUT_OFF, known)
    if body is None or len(query) > MAX_BODY:
        return _refuse(TOO_LARGE, known)
    if may_be_cut_off(environ, reader, body):
        return _refuse(NO_LENGTH, known)
    admitted, signed_at, secret = check_signature(environ, reader, known, body)
    if not admitted:  # perhaps its secret is younger than what we know
        known = admission.read(provider, token) or known
        admitted, signed_at, secret = check_signature(environ, reader, known, body)
    if not admitted:
        return _refuse(BAD_SIGNATURE, known)
    arrival = Arrival(known, reader, environ, query, body, signed_at, now())
    inbox.put(arrival.delivery)  # returns when the transaction that holds it has committed
    last_use.note(known.token, *([secret] if secret else []))
    return Response(HTTPStatus.OK, arrival.answer.body, arrival.answer.content_type)


@dataclass(slots=True)
class Arrival:
    """A request that was let in."""

    known: Admission
    reader: BaseProvider
    environ: Environ
    query: str
    body: bytes
    signed_at: datetime | None
    received_at: datetime
    answer: Answer | None = None  # known once the delivery is made

    def delivery(self) -> Delivery:
        """Made by the thread that commits: see Committer."""
        delivery = build(
            self.known.endpoint,
            method=self.environ["REQUEST_METHOD"],
            body=self.body,
            query=self.query,
            content_type=self.environ.get("CONTENT_TYPE", ""),
            headers=_headers(self.environ),
            signed_at=self.signed_at,
            received_at=self.received_at,
        )
        self.answer = self.reader.acknowledge(delivery, self.known.scripts)
        delivery.reason = self.answer.note
        return delivery


def _refuse(response: Response, known: Admission | None) -> Response:
    whose = f"endpoint {known.endpoint.id}" if known else "no endpoint"
    logger.warning("A webhook of %s was refused: %s", whose, response.status.phrase)
    return response


def read_query(environ: Environ) -> str:
    """The query as it stood in the URL. WSGI gives its bytes as Latin-1; servers let only ASCII and
    UTF-8 through, so that reading it as UTF-8 can be undone."""
    query = environ.get("QUERY_STRING", "")
    try:
        return query.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return query


class CutOff(Exception):
    """The connection ended before the body did."""


def read_body(environ: Environ) -> bytes | None:
    """The body, None if it is over MAX_BODY. Read from the server itself: Django takes a chunked
    body for an empty one, which would lose it with a 200. Raises CutOff."""
    announced = environ.get("CONTENT_LENGTH") or None
    if (
        announced is None
        and environ["REQUEST_METHOD"] == "GET"
        and "HTTP_TRANSFER_ENCODING" not in environ
    ):
        return b""
    wanted = MAX_BODY + 1
    if announced is not None and len(announced) < 10 and announced.isdecimal():
        wanted = min(int(announced), wanted)
    body = b""
    try:
        while len(body) < wanted:
            chunk = environ["wsgi.input"].read(wanted - len(body))
            if not chunk:
                break
            body += chunk
    except OSError as error:
        raise CutOff from error
    if announced is not None and len(body) < wanted:
        raise CutOff
    return body if len(body) <= MAX_BODY else None


def may_be_cut_off(environ: Environ, reader: BaseProvider, body: bytes) -> bool:
    """A chunked body ends for us where its connection ended, and a form that lost its tail still
    reads well. A signature would tell, and so does JSON, which ends with its last bracket."""
    if "CONTENT_LENGTH" in environ or reader.signature_header or not body:
        return False
    return not body.rstrip().endswith(b"}")


def check_signature(environ: Environ, reader: BaseProvider, known: Admission, body: bytes):
    """(admitted, when it was signed, with which secret). Without a secret nobody gets in, unless
    the endpoint is marked so; a signature that is there must be right wherever a secret can tell.
    """
    if reader.signature_header is None:
        return True, None, None
    header = environ.get(f"HTTP_{reader.signature_header.upper().replace('-', '_')}")
    if known.endpoint.allow_unsigned and (header is None or not known.signing):
        return True, None, None
    for secret in known.signing:
        if signed_at := reader.verify(header, body, [secret.value], time()):
            return True, signed_at, secret
    return False, None, None


def _headers(environ: Environ) -> dict[str, str]:
    kept = {name: environ[variable] for variable, name in _KEPT.items() if variable in environ}
    return kept | {"Remote-Addr": environ.get("REMOTE_ADDR") or ""}
