"""Keys that integrations read with: made once, kept as a hash, known by their prefix.

A key reads `ct_<8 characters>_<48 hexadecimal digits>` (192 random bits); what stands before the
last underscore is its prefix, which is no secret.
"""

import hashlib
import re
import secrets
import string
from collections.abc import Iterable
from datetime import datetime
from hmac import compare_digest

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from calls.models import ApiKey, Integration

SCOPES = {
    "calls:read": "calls, legs, conferences, participants, accounts, numbers, agents, tags",
    "recordings:read": "recordings and their addresses",
    "deliveries:read": "what providers sent, exact bodies included",
    "numbers:full": "telephone numbers whole; without it they are masked",
    "annotations:write": "notes, tags, dispositions, labels of service numbers and agents",
    "export": "all calls at once, as a stream",
    "webhooks:write": "subscriptions: who is told of events",
}
DEFAULT_SCOPES = ("calls:read", "recordings:read", "deliveries:read", "numbers:full")
MOST_LIVE = 2  # keys of one integration: the old and the new one

_KEY = re.compile(r"(ct_[a-z0-9]{8})_[0-9a-f]{48}")
_PREFIX_LETTERS = string.ascii_lowercase + string.digits


class TooManyKeys(ValueError):
    """The integration has two live keys already."""


def create(
    name: str, scopes: Iterable[str] = DEFAULT_SCOPES, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new integration with its first key, and the key's text, which cannot be had again. Raises
    ValueError for a name that is empty or longer than 100 characters, no scopes, or a scope that is
    not in SCOPES."""
    name, scopes = name.strip(), list(dict.fromkeys(scopes))
    if not 1 <= len(name) <= 100:
        raise ValueError("a key's name has 1 to 100 characters")
    if not scopes:
        raise ValueError("a key without a scope opens nothing")
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise ValueError(f"unknown scope {', '.join(unknown)}; known: {', '.join(SCOPES)}")
    with transaction.atomic():
        integration = Integration.objects.create(name=name, scopes=scopes)
        return add(integration, expires_at)


@transaction.atomic
def add(integration: Integration, expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """Another key of an integration, and its text. Raises TooManyKeys."""
    # Held, so that of two who add at once the second one counts the first one's.
    Integration.objects.select_for_update().get(pk=integration.pk)
    if live(integration.keys.all()).count() >= MOST_LIVE:
        raise TooManyKeys(f"{integration} has {MOST_LIVE} live keys; let one expire first")
    prefix = "ct_" + "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(8))
    text = f"{prefix}_{secrets.token_hex(24)}"
    key = ApiKey.objects.create(
        integration=integration, prefix=prefix, key_hash=_hash(text), expires_at=expires_at
    )
    return key, text


def live(keys: QuerySet) -> QuerySet:
    return keys.filter(Q(expires_at=None) | Q(expires_at__gt=now()))


def find(text: str) -> ApiKey | None:
    """The live key with this text, of an active integration, which it holds."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    keys = ApiKey.objects.select_related("integration")
    key = live(keys).filter(prefix=match[1], integration__active=True).first()
    # Hashed in any case, so that a known prefix answers as fast as an unknown one.
    right = compare_digest(_hash(text), key.key_hash if key else "")
    return key if right else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
