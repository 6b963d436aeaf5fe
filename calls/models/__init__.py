"""What a call is: accounts, calls, legs, conferences, participants, recordings; what people write
on them; and what is counted ahead."""

from .accounts import Account, ApiKey, Integration
from .annotations import CallChange, CallDisposition, CallNote, CallTag
from .calls import Call, Leg
from .changes import ChangeFeed, ChangeSet, IdempotentAnswer
from .conferences import Conference, Participant, Recording
from .directory import Agent, Disposition, ServiceNumber, Tag
from .tallies import CountingTurn, MissedCustomer, StaleSlot, Tally
from .views import SavedView, ViewPin

__all__ = [
    "Account",
    "Agent",
    "ApiKey",
    "Call",
    "CallChange",
    "CallDisposition",
    "CallNote",
    "CallTag",
    "ChangeFeed",
    "ChangeSet",
    "Conference",
    "CountingTurn",
    "Disposition",
    "IdempotentAnswer",
    "Integration",
    "Leg",
    "MissedCustomer",
    "Participant",
    "Recording",
    "SavedView",
    "ServiceNumber",
    "StaleSlot",
    "Tag",
    "Tally",
    "ViewPin",
]
