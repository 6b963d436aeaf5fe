"""Whom a token lets in: its endpoint, signing secrets and call scripts, kept for a second.

Who changes one of these calls `forget`; other processes go by what they know for a second more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic

from django.db import close_old_connections, connection, transaction

from .models import CallScript, Endpoint, Secret
from .providers.base import Scripts

LIFE = 1.0  # seconds
_RENEWED_AFTER = 0.5  # seconds
_MOST = 1_000  # known at once


@dataclass(slots=True, eq=False)
class Admission:
    """What a live token stands for. Threads and deliveries share it: nobody may change it."""

    endpoint: Endpoint  # active, with its account
    token: Secret
    signing: Sequence[Secret]
    scripts: Scripts
    renew_at: float  # by time.monotonic(), as the next one
    expires_at: float

    def is_good(self, at: float) -> bool:
        """From half its life on, one request reads it anew while the others go on with it."""
        if at < self.renew_at:
            return True
        self.renew_at = self.expires_at
        return False


_known: dict[tuple[str, str], Admission] = {}  # by provider and hash of the token


def find(provider: str, token: str) -> Admission | None:
    """What the token of a request's path stands for; None: it names no active endpoint. Asked of
    the database for each request it took 50 times the CPU of all else at the door."""
    found = _known.get((provider, hash_token(token)))
    return found if found and found.is_good(monotonic()) else read(provider, token)


def read(provider: str, token: str) -> Admission | None:
    """The same, asked of the database. Unknown tokens are not kept: anybody can make them up."""
    known = _known  # `forget` puts another in its place: what was read before it is not kept
    key = (provider, hash_token(token))
    try:
        found = _read(*key)
    finally:
        if not connection.in_atomic_block:
            # A pool's goes back: who waits for a commit must not keep the committer from it.
            close_old_connections()
    if found is None:
        known.pop(key, None)
        return None
    if len(known) >= _MOST:
        known.clear()
    known[key] = found
    return found


def _read(provider: str, value: str) -> Admission | None:
    at = monotonic()
    token = (
        Secret.objects.select_related("endpoint__account")
        .filter(kind=Secret.Kind.TOKEN, value=value)
        .first()
    )
    if token is None or not token.endpoint.active or token.endpoint.provider != provider:
        return None
    endpoint = token.endpoint
    scripts = CallScript.objects.filter(endpoint=endpoint)
    return Admission(
        endpoint=endpoint,
        token=token,
        signing=live_signing(endpoint),
        scripts={(one.request_type, one.called_number): one.percl for one in scripts},
        renew_at=at + _RENEWED_AFTER,
        expires_at=at + LIFE,
    )


def forget() -> None:
    """To be called by who changes an endpoint, a secret or a script. At once, and after the commit
    again: until then other threads read it as it was."""
    _forget()
    transaction.on_commit(_forget)


def _forget() -> None:
    global _known
    _known = {}


def hash_token(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def live_signing(endpoint: Endpoint) -> list[Secret]:
    return list(endpoint.secrets.filter(kind=Secret.Kind.SIGNING))
