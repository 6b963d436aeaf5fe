"""One filterset per list. What a filter does not understand is an error, never "no filter"."""

from .backend import StrictFilterBackend
from .calls import CallFilterSet
from .filters import MomentFilter, WordFilter, WordsFilter, YesNoFilter
from .others import (
    AccountFilterSet,
    AgentFilterSet,
    ConferenceFilterSet,
    DispositionFilterSet,
    LegFilterSet,
    ParticipantFilterSet,
    RecordingFilterSet,
    ServiceNumberFilterSet,
    TagFilterSet,
)
from .rules import RuledFilterSet

__all__ = [
    "AccountFilterSet",
    "AgentFilterSet",
    "CallFilterSet",
    "ConferenceFilterSet",
    "DispositionFilterSet",
    "LegFilterSet",
    "MomentFilter",
    "ParticipantFilterSet",
    "RecordingFilterSet",
    "RuledFilterSet",
    "ServiceNumberFilterSet",
    "StrictFilterBackend",
    "TagFilterSet",
    "WordFilter",
    "WordsFilter",
    "YesNoFilter",
]
