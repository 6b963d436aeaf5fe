"""The providers we take in, in one table."""

from calls.choices import Provider

from .base import BaseProvider
from .callerdesk import CallerDesk
from .freeclimb import FreeClimb

PROVIDERS: dict[str, BaseProvider] = {
    Provider.FREECLIMB: FreeClimb(),
    Provider.CALLERDESK: CallerDesk(),
}
