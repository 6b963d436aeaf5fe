"""Calls as people see them. Programs write them; people only look, and write on them."""

from .accounts import AccountAdmin
from .annotations import CallChangeAdmin, CallDispositionAdmin, CallNoteAdmin, CallTagAdmin
from .answers import IdempotentAnswerAdmin
from .base import MergedAdmin
from .calls import CallAdmin, LegAdmin
from .changes import ChangeFeedAdmin, ChangeSetAdmin
from .conferences import ConferenceAdmin, ParticipantAdmin, RecordingAdmin
from .directory import AgentAdmin, ServiceNumberAdmin
from .integrations import ApiKeyAdmin, IntegrationAdmin
from .tallies import MissedCustomerAdmin, TallyAdmin
from .views import SavedViewAdmin, ViewPinAdmin
from .words import DispositionAdmin, TagAdmin

__all__ = [
    "AccountAdmin",
    "AgentAdmin",
    "ApiKeyAdmin",
    "CallAdmin",
    "CallChangeAdmin",
    "CallDispositionAdmin",
    "CallNoteAdmin",
    "CallTagAdmin",
    "ChangeFeedAdmin",
    "ChangeSetAdmin",
    "ConferenceAdmin",
    "DispositionAdmin",
    "IdempotentAnswerAdmin",
    "IntegrationAdmin",
    "LegAdmin",
    "MergedAdmin",
    "MissedCustomerAdmin",
    "ParticipantAdmin",
    "RecordingAdmin",
    "SavedViewAdmin",
    "ServiceNumberAdmin",
    "TagAdmin",
    "TallyAdmin",
    "ViewPinAdmin",
]
