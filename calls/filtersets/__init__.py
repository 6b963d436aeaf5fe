"""One filterset per list. What a filter does not understand is an error, never "no filter"."""

from .backend import StrictFilterBackend
from .base import CreatedFilterSet
from .calls import CallFilterSet
from .filters import MomentFilter, WordFilter, YesNoFilter
from .others import (
    AccountFilterSet,
    ConferenceFilterSet,
    LegFilterSet,
    ParticipantFilterSet,
    RecordingFilterSet,
)

__all__ = [
    "AccountFilterSet",
    "CallFilterSet",
    "ConferenceFilterSet",
    "CreatedFilterSet",
    "LegFilterSet",
    "MomentFilter",
    "ParticipantFilterSet",
    "RecordingFilterSet",
    "StrictFilterBackend",
    "WordFilter",
    "YesNoFilter",
]
