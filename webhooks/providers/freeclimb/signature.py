"""`FreeClimb-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]`, HMAC-SHA256 over `t.body`.

https://docs.freeclimb.com/docs/verifying-request-signatures. Not the vendor's verifier (5.4.1): it
takes signatures days old or years ahead, and remembers every `v1` it has ever seen.
"""

import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime

TOLERANCE = 300  # seconds, in both directions

_SECONDS = re.compile(r"[0-9]{1,20}")  # a longer one is no time, and int() refuses huge ones
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def verify(header: str | None, body: bytes, secrets: Sequence[str], now: float) -> datetime | None:
    """When the body was signed with one of the secrets; None if it was not, or not lately.

    The time is signed as the text that stands in the header. An empty body is never valid.
    """
    if not header or not body:
        return None
    items = [item.partition("=") for item in header.split(",")]
    times = [value.strip() for name, _, value in items if name.strip() == "t"]
    digests = [value.strip() for name, _, value in items if name.strip() == "v1"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        return None
    seconds = int(times[0])
    if abs(now - seconds) > TOLERANCE:
        return None
    signed = times[0].encode() + b"." + body
    genuine = False
    for secret in filter(None, secrets):  # an empty secret would be anybody's
        expected = hmac.new(secret.encode(), signed, "sha256").hexdigest()
        for digest in digests:
            if _DIGEST.fullmatch(digest):
                # Every pair is compared, so that time tells nothing about which one fits.
                genuine |= hmac.compare_digest(expected, digest.lower())
    if not genuine:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
