"""Keys of our rows, computed from what they identify: the same thing has the same id everywhere."""

from uuid import UUID, uuid5

_ACCOUNTS = UUID("5f2b1f0e-6a0e-5d0c-9f43-2c1b7a9d4e10")
_CUSTOMERS = UUID("0b8c51f4-3f1e-5c52-8d11-6f0a2c7e9b35")


def account_key(provider: str, name: str) -> UUID:
    """`name` is the provider's account id, or our name for the account where that is not known."""
    return uuid5(_ACCOUNTS, f"{provider}:{name}")


def call_key(account: UUID, provider_call_id: str) -> UUID:
    return uuid5(account, f"call:{provider_call_id}")


def conference_key(account: UUID, provider_conference_id: str) -> UUID:
    return uuid5(account, f"conference:{provider_conference_id}")


def recording_key(account: UUID, key: str) -> UUID:
    return uuid5(account, f"recording:{key}")


def leg_key(call: UUID, side: str, connected_call: UUID) -> UUID:
    return uuid5(call, f"leg:{side}:{connected_call}")


def participant_key(conference: UUID, call: UUID) -> UUID:
    return uuid5(conference, f"participant:{call}")


def tally_key(account: UUID, begins_at: str, dimension: str, value: str) -> UUID:
    """`begins_at` in ISO 8601, UTC."""
    return uuid5(account, f"tally:{begins_at}:{dimension}:{value}")


def missed_customer_key(number: str) -> UUID:
    return uuid5(_CUSTOMERS, number)
