"""When each token and signing secret let a request in last: may an old one go?

Beside the webhook, never in its way, and about once a minute.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Thread
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils.timezone import now

from .models import Secret

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
_noted: dict[UUID, datetime] = {}  # by this process


def note(*secrets: Secret) -> None:
    """Note that these let a request in, about once a minute each, beside the request: what was just
    read of them says whether it is time. Never raises: a webhook is worth more than this."""
    at = now()
    due = [one.pk for one in secrets if _is_over(one.last_used_at, at)]
    due = [key for key in due if _is_over(_noted.get(key), at)]
    if not due:
        return
    _noted.update(dict.fromkeys(due, at))
    if connection.in_atomic_block:  # a test's transaction: another thread would not see it
        _write_use(due, at)
        return
    try:
        Thread(target=_write_use_apart, args=[due, at], name="note-use", daemon=True).start()
    except RuntimeError as error:  # no more threads
        logger.warning("The use of a secret was not noted: %s", error)


def _is_over(last: datetime | None, at: datetime) -> bool:
    return last is None or at - last >= EVERY


def _write_use(keys: Sequence[UUID], at: datetime) -> None:
    stale = Q(last_used_at=None) | Q(last_used_at__lte=at - EVERY)
    Secret.objects.filter(stale, pk__in=keys).update(last_used_at=at)


def _write_use_apart(keys: Sequence[UUID], at: datetime) -> None:
    try:
        _write_use(keys, at)
    except DatabaseError as error:
        logger.warning("The use of a secret was not noted: %s", error)
    finally:
        connection.close()
