"""How much one key, or one person, may ask: so many requests of each bucket a minute."""

from dataclasses import dataclass
from math import ceil

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import BaseThrottle

from calltrack.addresses import address_to_throttle

from .counters import counters

MINUTE = 60
FILE = "api_counters"


@dataclass(frozen=True, slots=True)
class Rate:
    """What the RateLimit-… headers tell."""

    limit: int
    remaining: int
    reset: int  # seconds

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def shared():
    return counters(settings.DATA_DIR / FILE)


class BucketThrottle(BaseThrottle):
    """A view says `throttle_bucket`: "read" (the default, and "write" where the method writes),
    "export" or "changes". Rates are settings.API_RATES, 0 for none."""

    def allow_request(self, request, view):
        bucket = getattr(view, "throttle_bucket", "read")
        if bucket == "read" and request.method not in SAFE_METHODS:
            bucket = "write"
        limit = settings.API_RATES[bucket]
        if not limit:
            return True
        counted = shared().add(f"{bucket} {_who(request)}", MINUTE)
        left = max(limit - counted.count, 0)
        self.rate = request._request.api_rate = Rate(limit, left, ceil(counted.ends_in))
        return counted.count <= limit

    def wait(self):
        return self.rate.reset


def _who(request) -> str:
    if request.auth is not None:
        return f"key {request.auth.pk}"
    if request.user.is_authenticated:
        return f"person {request.user.pk}"
    return f"address {address_to_throttle(request)}"
