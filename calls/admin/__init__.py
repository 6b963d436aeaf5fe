"""Calls as people see them. Programs write them; people only look."""

from .accounts import AccountAdmin, ApiKeyAdmin
from .base import MergedAdmin
from .calls import CallAdmin, LegAdmin
from .conferences import ConferenceAdmin, ParticipantAdmin, RecordingAdmin

__all__ = [
    "AccountAdmin",
    "ApiKeyAdmin",
    "CallAdmin",
    "ConferenceAdmin",
    "LegAdmin",
    "MergedAdmin",
    "ParticipantAdmin",
    "RecordingAdmin",
]
