"""One try to deliver a message. Touches no database: many of these run at once."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.timezone import now

from . import pace
from .signing import signed
from .target import Unreachable, post

logger = logging.getLogger(__name__)

HEADERS = {"Content-Type": "application/json", "User-Agent": "calltrack-webhooks/1"}
GONE = 410


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker holds, and what it takes to send it."""

    message: UUID
    subscription: UUID
    url: str
    secrets: Sequence[str]
    body: str


@dataclass(frozen=True, slots=True)
class Result:
    claim: Claim
    at: datetime
    seconds: float
    status: int | None = None
    error: str = ""  # empty: it was delivered
    answer: str = ""
    retry_after: float = 0

    @property
    def delivered(self) -> bool:
        return not self.error


def attempt(claim: Claim, seconds: float) -> Result:
    """Send it within so many seconds. Whatever goes wrong is in the result."""
    at, begun = now(), time.monotonic()
    try:
        body = claim.body.encode()
        headers = HEADERS | signed(str(claim.message), at, body, claim.secrets)
        answer = post(claim.url, body, headers, seconds)
    except Unreachable as error:
        return Result(claim, at, time.monotonic() - begun, error=str(error))
    except Exception as error:  # a message that cannot be sent must not take the thread along
        logger.exception("Message %s could not be sent", claim.message)
        why = f"it could not be sent: {type(error).__name__}"
        return Result(claim, at, time.monotonic() - begun, error=why)
    error = ""
    if not 200 <= answer.status < 300:
        redirected = 300 <= answer.status < 400
        error = f"answered {answer.status}" + (", redirects are not followed" * redirected)
    return Result(
        claim,
        at,
        time.monotonic() - begun,
        status=answer.status,
        error=error,
        answer=answer.excerpt,
        retry_after=pace.retry_after(answer.retry_after, now()),
    )
