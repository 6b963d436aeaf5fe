"""`/api/v1/` but for the deliveries and the subscriptions."""

from .base import ReadViewSet
from .reading import (
    AccountViewSet,
    CallViewSet,
    ConferenceViewSet,
    LegViewSet,
    ParticipantViewSet,
    RecordingViewSet,
)

__all__ = [
    "AccountViewSet",
    "CallViewSet",
    "ConferenceViewSet",
    "LegViewSet",
    "ParticipantViewSet",
    "ReadViewSet",
    "RecordingViewSet",
]
