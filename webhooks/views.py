"""The door. Store first, understand second: once stored, the provider gets its 2xx."""

import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from time import time

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from . import endpoints, inbox, last_use
from .deliveries import build
from .models import CallScript, Endpoint
from .providers import PROVIDERS
from .providers.base import BaseProvider

logger = logging.getLogger(__name__)

MAX_BODY = 64 * 1024  # bytes; of a query string too

# Kept beside the body, where sent.
_HEADERS = ("User-Agent", "Request-Id", "FreeClimb-Signature", "X-Forwarded-For")


@csrf_exempt
@transaction.non_atomic_requests  # the inbox has its own transaction
def receive(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Answers: 404 unknown token, 405 method, 413 over 64 KiB, 400 cut off, 411 length needed, 401
    bad signature, 503 not stored (with Retry-After), 200 otherwise: duplicates, unknown and
    unreadable ones too."""
    try:
        used = [endpoints.live_token(provider, token)]
        if used[0] is None:
            return HttpResponse("No such endpoint.\n", status=404, content_type="text/plain")
        endpoint, reader = used[0].endpoint, PROVIDERS[provider]
        if request.method not in reader.methods:
            return HttpResponse(status=405, headers={"Allow": ", ".join(sorted(reader.methods))})
        query = read_query(request)
        try:
            body = read_body(request)
        except CutOff:
            return HttpResponse("The body was cut off.\n", status=400, content_type="text/plain")
        if body is None or len(query) > MAX_BODY:
            return HttpResponse("More than 64 KiB.\n", status=413, content_type="text/plain")
        if may_be_cut_off(request, reader, body):
            return HttpResponse("Say the length.\n", status=411, content_type="text/plain")
        signed_at = None
        if reader.signature_header:
            admitted, signed_at, secret = check_signature(request, reader, endpoint, body)
            used += [secret] if secret else []
            if not admitted:
                logger.warning("A webhook of endpoint %s was refused: bad signature", endpoint.id)
                return HttpResponse("Bad signature.\n", status=401, content_type="text/plain")
        delivery = build(
            endpoint,
            method=request.method,
            body=body,
            query=query,
            content_type=request.META.get("CONTENT_TYPE", ""),
            headers=_headers(request),
            signed_at=signed_at,
        )
        answer = reader.acknowledge(delivery, Scripts(endpoint))
        delivery.reason = answer.note
        inbox.put(delivery)  # returns when the transaction that holds it has committed
        last_use.note(*used)
    except (inbox.Unavailable, DatabaseError) as error:
        logger.error("A webhook of %s could not be stored: %s", provider, error)
        return HttpResponse(
            "Could not be stored.\n",
            status=503,
            content_type="text/plain",
            headers={"Retry-After": "5"},
        )
    return HttpResponse(answer.body, content_type=answer.content_type)


def read_query(request: HttpRequest) -> str:
    """The query as it stood in the URL. WSGI gives its bytes as Latin-1; servers let only ASCII and
    UTF-8 through, so that reading it as UTF-8 can be undone."""
    query = request.META.get("QUERY_STRING", "")
    try:
        return query.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return query


class CutOff(Exception):
    """The connection ended before the body did."""


def read_body(request: HttpRequest) -> bytes | None:
    """The body, None if it is over MAX_BODY. Read from the server itself: `request.body` is empty
    for a chunked request under WSGI, which would lose it with a 200. Raises CutOff."""
    announced = request.META.get("CONTENT_LENGTH") or None
    if (
        announced is None
        and request.method == "GET"
        and "HTTP_TRANSFER_ENCODING" not in request.META
    ):
        return b""
    wanted = MAX_BODY + 1
    if announced is not None and len(announced) < 10 and announced.isdecimal():
        wanted = min(int(announced), wanted)
    body = b""
    try:
        while len(body) < wanted:
            chunk = request.META["wsgi.input"].read(wanted - len(body))
            if not chunk:
                break
            body += chunk
    except OSError as error:
        raise CutOff from error
    if announced is not None and len(body) < wanted:
        raise CutOff
    return body if len(body) <= MAX_BODY else None


def may_be_cut_off(request: HttpRequest, reader: BaseProvider, body: bytes) -> bool:
    """A chunked body ends for us where its connection ended, and a form that lost its tail still
    reads well. A signature would tell, and so does JSON, which ends with its last bracket."""
    if "CONTENT_LENGTH" in request.META or reader.signature_header or not body:
        return False
    return not body.rstrip().endswith(b"}")


def check_signature(request: HttpRequest, reader: BaseProvider, endpoint: Endpoint, body: bytes):
    """(admitted, when it was signed, with which secret). Without a secret nobody gets in, unless
    the endpoint is marked so; a signature that is there must be right wherever a secret can tell.
    """
    header = request.headers.get(reader.signature_header)
    secrets = endpoints.live_signing(endpoint)
    if endpoint.allow_unsigned and (header is None or not secrets):
        return True, None, None
    for secret in secrets:
        if signed_at := reader.verify(header, body, [secret.value], time()):
            return True, signed_at, secret
    return False, None, None


def _headers(request: HttpRequest) -> dict[str, str]:
    kept = {name: request.headers[name] for name in _HEADERS if name in request.headers}
    return kept | {"Remote-Addr": request.META.get("REMOTE_ADDR") or ""}


class Scripts(Mapping):
    """An endpoint's call scripts, read only if the provider looks for one."""

    def __init__(self, endpoint: Endpoint):
        self._endpoint = endpoint

    @cached_property
    def _percl(self) -> dict[tuple[str, str], list]:
        scripts = CallScript.objects.filter(endpoint=self._endpoint)
        return {(script.request_type, script.called_number): script.percl for script in scripts}

    def __getitem__(self, key: tuple[str, str]) -> list:
        return self._percl[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._percl)

    def __len__(self) -> int:
        return len(self._percl)
