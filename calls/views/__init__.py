"""`/api/v1/` but for the deliveries and the subscriptions."""

from .base import ReadViewSet
from .directory import (
    AccountViewSet,
    AgentViewSet,
    DispositionViewSet,
    ServiceNumberViewSet,
    TagViewSet,
)
from .reading import (
    CallViewSet,
    ConferenceViewSet,
    LegViewSet,
    ParticipantViewSet,
    RecordingViewSet,
)

__all__ = [
    "AccountViewSet",
    "AgentViewSet",
    "CallViewSet",
    "ConferenceViewSet",
    "DispositionViewSet",
    "LegViewSet",
    "ParticipantViewSet",
    "ReadViewSet",
    "RecordingViewSet",
    "ServiceNumberViewSet",
    "TagViewSet",
]
