"""What the API shows of calls. Fields have the model's names; null means unknown."""

from .annotations import NoteSerializer
from .base import (
    NUMBERS,
    AccountReferenceSerializer,
    MergedSerializer,
    OfAccountSerializer,
    ReadSerializer,
    StrengthField,
    UtcDateTimeField,
    plain,
    provider_id,
    provider_of,
)
from .calls import (
    CallConferenceSerializer,
    CallDetailSerializer,
    CallSerializer,
    ChildCallSerializer,
    LegSerializer,
    ListedLegSerializer,
)
from .conferences import (
    ConferenceSerializer,
    ListedParticipantSerializer,
    ListedRecordingSerializer,
    ParticipantSerializer,
    RecordingSerializer,
)
from .directory import (
    AccountSerializer,
)

__all__ = [
    "AccountReferenceSerializer",
    "AccountSerializer",
    "CallConferenceSerializer",
    "CallDetailSerializer",
    "CallSerializer",
    "ChildCallSerializer",
    "ConferenceSerializer",
    "LegSerializer",
    "ListedLegSerializer",
    "ListedParticipantSerializer",
    "ListedRecordingSerializer",
    "MergedSerializer",
    "NUMBERS",
    "NoteSerializer",
    "OfAccountSerializer",
    "ParticipantSerializer",
    "ReadSerializer",
    "RecordingSerializer",
    "StrengthField",
    "UtcDateTimeField",
    "plain",
    "provider_id",
    "provider_of",
]
