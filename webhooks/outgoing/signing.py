"""Signatures of the Standard Webhooks convention: HMAC-SHA256 over id, time and body."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
LEAST, MOST = 24, 64  # bytes of a secret


def new_secret() -> str:
    """A random secret of 32 bytes, as it is shown to whoever verifies."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret. Raises ValueError, in words for people and without the secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not LEAST <= len(key) <= MOST:
        raise ValueError(f"A secret is {PREFIX} and {LEAST} to {MOST} bytes in base64.")
    return key


def signed(message_id: str, at: datetime, body: bytes, live: Iterable[str]) -> dict[str, str]:
    """The headers that sign a body, once with each of these secrets: while one is replaced, those
    who verify with either are content."""
    timestamp = str(int(at.timestamp()))
    content = b".".join([message_id.encode(), timestamp.encode(), body])
    signatures = [hmac.digest(key_of(secret), content, "sha256") for secret in live]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }
