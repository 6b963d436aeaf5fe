"""`Idempotency-Key`: a write that is sent again is done once and answered the same.

The key is claimed by inserting its row in the write's own transaction. Of two at once the second
one waits for the first one's end at that row, and finds the answer there.
"""

import hashlib
import json
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID, uuid5

from django.db import OperationalError, connections, router, transaction
from django.utils.timezone import now
from rest_framework.exceptions import APIException, ParseError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from calls.bodies import raw_body
from calls.masking import value_without_numbers
from calls.models import IdempotentAnswer
from calls.permissions import sees_numbers, who

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
PATIENCE_MS = 5_000  # for another request with the same key
_KEYS = UUID("0b5f8c53-7f6d-5d0e-8a53-3b6f6f0e0a41")
_UNDECIDED = 0  # the status until the write is done; nobody else sees it
_LOCK_NOT_AVAILABLE = "55P03"
_WHAT_IT_IS = "Idempotency-Key: 1 to 255 printable ASCII characters."


class StillAtWork(APIException):
    status_code = HTTPStatus.CONFLICT
    default_detail = "A request with this Idempotency-Key is still at work. Try again soon."
    default_code = "still_at_work"
    wait = 1


class KeyUsed(APIException):
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used for another request. Make a new one."
    default_code = "key_used"


class IdempotentWrites:
    """For a view of DRF, first among its bases: its unsafe methods honour `Idempotency-Key`.

    Only what was done is kept, that is answers with 2xx: whatever was refused changed nothing and
    may be corrected and sent again. The handler returns data that JSON holds.
    """

    honours_idempotency_key = True  # says the description

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)  # who it is, and whether they may
        key = request.headers.get("Idempotency-Key")
        method = request.method.lower()
        if key is None or request.method in SAFE_METHODS or not hasattr(self, method):
            return
        key = key.strip()
        if not 1 <= len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
            raise ParseError(_WHAT_IT_IS)
        handler = getattr(self, method)

        def once(request, *args, **kwargs):
            return _once(key, request, lambda: handler(request, *args, **kwargs))

        setattr(self, method, once)  # of this request's view alone


def _once(key: str, request, write) -> Response:
    identity = uuid5(_KEYS, f"{who(request)}\n{key}")
    fingerprint = _fingerprint(request)
    using = router.db_for_write(IdempotentAnswer)
    with transaction.atomic(using):
        if not _claimed(identity, fingerprint, using):
            stored = IdempotentAnswer.objects.using(using).get(pk=identity)
            if stored.fingerprint != fingerprint:
                raise KeyUsed
            return _again(stored, request)
        response = write()
        if 200 <= response.status_code < 300:
            _keep(identity, response, request, using)
        else:
            transaction.set_rollback(True, using)
    return response


def _claimed(identity: UUID, fingerprint: str, using: str) -> bool:
    """Whether the key is ours. Waits while somebody else is at work with it."""
    connection = connections[using]
    row = IdempotentAnswer(pk=identity, fingerprint=fingerprint, status=_UNDECIDED)
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
            IdempotentAnswer.objects.using(using).bulk_create([row], ignore_conflicts=True)
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise StillAtWork from None
        raise
    mine = IdempotentAnswer.objects.using(using).filter(pk=identity, status=_UNDECIDED)
    return mine.exists()


def _keep(identity: UUID, response: Response, request, using: str) -> None:
    said = {
        "data": response.data,
        "location": response.headers.get("Location"),
        "numbers": sees_numbers(request),
    }
    IdempotentAnswer.objects.using(using).filter(pk=identity).update(
        status=response.status_code, body=json.dumps(said, cls=JSONEncoder)
    )


def _again(stored: IdempotentAnswer, request) -> Response:
    said = json.loads(stored.body)
    data = said["data"]
    if said["numbers"] and not sees_numbers(request):  # they were theirs to see then
        data = value_without_numbers(data)
    headers = {"Idempotent-Replayed": "true"}
    if said["location"]:
        headers["Location"] = said["location"]
    return Response(data, status=stored.status, headers=headers)


def _fingerprint(request) -> str:
    parts = (request.method, request.get_full_path(), request.content_type or "")
    digest = hashlib.sha256("\n".join(parts).encode())
    digest.update(b"\n" + raw_body(request))
    return digest.hexdigest()


def forget_old(progress) -> None:
    """Delete answers that nobody will ask for again. A handler of recurring work."""
    old = IdempotentAnswer.objects.filter(created_at__lt=now() - KEPT)
    while keys := list(old.values_list("pk", flat=True)[:1_000]):
        deleted, _ = IdempotentAnswer.objects.filter(pk__in=keys).delete()
        progress.save(done=progress.done + deleted)
    if progress.done:
        progress.finish(f"{progress.done:,} answers forgotten")
