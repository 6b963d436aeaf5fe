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
from uuid import UUID, uuid4

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
# What a scope is in the list of integrations.
SCOPE_WORDS = {
    "calls:read": "reads calls",
    "recordings:read": "reads recordings",
    "deliveries:read": "reads deliveries",
    "numbers:full": "sees full numbers",
    "annotations:write": "writes notes, tags and labels",
    "export": "exports",
    "webhooks:write": "manages subscriptions",
}
DEFAULT_SCOPES = ("calls:read", "recordings:read", "deliveries:read", "numbers:full")
MOST_LIVE = 2  # keys of one integration: the old and the new one

_KEY = re.compile(r"(ct_[a-z0-9]{8})_[0-9a-f]{48}")
_PREFIX_LETTERS = string.ascii_lowercase + string.digits


class TooManyKeys(ValueError):
    """The integration has two live keys already."""


@transaction.atomic
def create(
    name: str,
    scopes: Iterable[str] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
    integration_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """A new integration with its first key, and the key's text, which cannot be had again. Raises
    ValueError for a name that is empty or longer than 100 characters, no scopes, a scope that is
    not in SCOPES, an end that is past, or an id that is there already."""
    given = {"name": checked_name(name), "scopes": checked_scopes(scopes)}
    integration, new = Integration.objects.get_or_create(
        id=integration_id or uuid4(), defaults=given
    )
    if not new:
        raise ValueError("it was made already; its key is shown only once")
    return add(integration, expires_at)


def checked_name(name: str) -> str:
    if not 1 <= len(name := name.strip()) <= 100:
        raise ValueError("a name has 1 to 100 characters")
    return name


def checked_scopes(scopes: Iterable[str]) -> list[str]:
    """Each once, in the order of SCOPES."""
    given = set(scopes)
    if not given:
        raise ValueError("a key without a scope opens nothing")
    if unknown := sorted(given - set(SCOPES)):
        raise ValueError(f"unknown scope {', '.join(unknown)}; known: {', '.join(SCOPES)}")
    return [scope for scope in SCOPES if scope in given]


def change(integration: Integration, *, name: str, scopes: Iterable[str], active: bool) -> list:
    """What an integration is called and may do; holds from its next request on. Returns the names
    of what is different now. Raises ValueError."""
    given = {"name": checked_name(name), "scopes": checked_scopes(scopes), "active": active}
    changed = [field for field, value in given.items() if getattr(integration, field) != value]
    if changed:
        Integration.objects.filter(pk=integration.pk).update(
            **{field: given[field] for field in changed}
        )
        integration.refresh_from_db()
    return changed


@transaction.atomic
def add(
    integration: Integration, expires_at: datetime | None = None, *, known: int | None = None
) -> tuple[ApiKey, str]:
    """Another key of an integration, and its text. `known` is how many keys its maker saw there.
    Raises TooManyKeys, or ValueError for an end that is past and where others were made since."""
    if expires_at is not None and expires_at <= now():
        raise ValueError("a key must not have expired before it is made")
    # Held, so that of two who add at once the second one counts the first one's.
    Integration.objects.select_for_update().get(pk=integration.pk)
    if known is not None and integration.keys.count() != known:
        raise ValueError("another key was made meanwhile; look at the keys again")
    if live(integration.keys.all()).count() >= MOST_LIVE:
        raise TooManyKeys(f"{integration} has {MOST_LIVE} live keys already; end one of them first")
    prefix = "ct_" + "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(8))
    text = f"{prefix}_{secrets.token_hex(24)}"
    key = ApiKey.objects.create(
        integration=integration, prefix=prefix, key_hash=_hash(text), expires_at=expires_at
    )
    return key, text


def end(key: ApiKey) -> bool:
    """From now on the key is refused. False where it had expired before."""
    return bool(live(ApiKey.objects.filter(pk=key.pk)).update(expires_at=now()))


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


def why_refused(text: str) -> str:
    """What its holder is told of a key that `find` does not know. Who has not the whole of it
    learns nothing."""
    match = _KEY.fullmatch(text)
    key = match and ApiKey.objects.filter(prefix=match[1], key_hash=_hash(text)).first()
    if not key:
        return "Unknown API key."
    if key.expires_at and key.expires_at <= now():
        return f"This API key has expired: {key.expires_at:%Y-%m-%dT%H:%M:%SZ}."
    return "The integration of this API key is switched off."


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
