"""Keys of our rows, computed from what they identify: the same thing has the same id everywhere."""

from functools import lru_cache
from hashlib import sha1
from uuid import UUID

_ACCOUNTS = UUID("5f2b1f0e-6a0e-5d0c-9f43-2c1b7a9d4e10")
_CUSTOMERS = UUID("0b8c51f4-3f1e-5c52-8d11-6f0a2c7e9b35")


def uuid5(namespace: UUID, name: str) -> UUID:
    """As in RFC 9562; half the time of the library's, which asks for its hash anew."""
    digest = sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()
    return UUID(bytes=digest[:16], version=5)


# The events of one call, and what each says of legs and parents, ask for the same keys again.
_kept = lru_cache(maxsize=50_000)


def account_key(provider: str, name: str) -> UUID:
    """`name` is the provider's account id, or our name for the account where that is not known."""
    return uuid5(_ACCOUNTS, f"{provider}:{name}")


@_kept
def call_key(account: UUID, provider_call_id: str) -> UUID:
    return uuid5(account, f"call:{provider_call_id}")


@_kept
def conference_key(account: UUID, provider_conference_id: str) -> UUID:
    return uuid5(account, f"conference:{provider_conference_id}")


def recording_key(account: UUID, key: str) -> UUID:
    return uuid5(account, f"recording:{key}")


@_kept
def leg_key(call: UUID, side: str, connected_call: UUID) -> UUID:
    return uuid5(call, f"leg:{side}:{connected_call}")


@_kept
def participant_key(conference: UUID, call: UUID) -> UUID:
    return uuid5(conference, f"participant:{call}")


def tally_key(account: UUID, begins_at: str, dimension: str, value: str) -> UUID:
    """`begins_at` in ISO 8601, UTC."""
    return uuid5(account, f"tally:{begins_at}:{dimension}:{value}")


def missed_customer_key(number: str) -> UUID:
    return uuid5(_CUSTOMERS, number)
