"""Keys that integrations read with: made once, kept as a hash, known by their prefix.

A key reads `ct_<8 characters>_<48 hexadecimal digits>` (192 random bits); what stands before the
last underscore is its prefix, which is no secret.
"""

import hashlib
import re
import secrets
import string
from collections.abc import Iterable
from hmac import compare_digest

from calls.models import ApiKey

SCOPES = {
    "calls:read": "calls, legs, conferences, participants, accounts, with whole numbers",
    "recordings:read": "recordings and their addresses",
    "deliveries:read": "what providers sent, exact bodies included",
}
DEFAULT_SCOPES = tuple(SCOPES)

_KEY = re.compile(r"(ct_[a-z0-9]{8})_[0-9a-f]{48}")
_PREFIX_LETTERS = string.ascii_lowercase + string.digits


def create(name: str, scopes: Iterable[str] = DEFAULT_SCOPES) -> tuple[ApiKey, str]:
    """A new key and its text, which cannot be had again. Raises ValueError for a name that is empty
    or longer than 100 characters, no scopes, or a scope that is not in SCOPES."""
    name, scopes = name.strip(), list(dict.fromkeys(scopes))
    if not 1 <= len(name) <= 100:
        raise ValueError("a key's name has 1 to 100 characters")
    if not scopes:
        raise ValueError("a key without a scope opens nothing")
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise ValueError(f"unknown scope {', '.join(unknown)}; known: {', '.join(SCOPES)}")
    prefix = "ct_" + "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(8))
    text = f"{prefix}_{secrets.token_hex(24)}"
    key = ApiKey.objects.create(name=name, prefix=prefix, key_hash=_hash(text), scopes=scopes)
    return key, text


def find(text: str) -> ApiKey | None:
    """The active key with this text."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    key = ApiKey.objects.filter(prefix=match[1], active=True).first()
    # Hashed in any case, so that a known prefix answers as fast as an unknown one.
    right = compare_digest(_hash(text), key.key_hash if key else "")
    return key if right else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
