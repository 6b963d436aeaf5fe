"""What a call is: accounts, calls, legs, conferences, participants, recordings; and API keys."""

from .accounts import Account, ApiKey
from .calls import Call, Leg
from .conferences import Conference, Participant, Recording

__all__ = ["Account", "ApiKey", "Call", "Conference", "Leg", "Participant", "Recording"]
