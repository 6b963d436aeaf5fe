"""What the API shows of calls. Fields have the model's names; null means unknown."""

from .annotations import (
    NoteSerializer,
)
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
    CallDetailSerializer,
    CallSerializer,
)
from .conferences import (
    ConferenceDetailSerializer,
    ConferenceSerializer,
    ListedParticipantSerializer,
    ListedRecordingSerializer,
    ParticipantSerializer,
    RecordingSerializer,
)
from .directory import (
    AccountSerializer,
    AgentSerializer,
    DispositionSerializer,
    ServiceNumberSerializer,
    TagSerializer,
)
from .expansions import (
    CALL_EXPANSIONS,
    CONFERENCE_EXPANSIONS,
    MOST_SHOWN,
    Expansion,
)
from .legs import (
    LegSerializer,
    ListedLegSerializer,
)
from .parts import (
    CallConferenceSerializer,
    ChildCallSerializer,
)

__all__ = [
    "AccountReferenceSerializer",
    "AccountSerializer",
    "AgentSerializer",
    "CALL_EXPANSIONS",
    "CONFERENCE_EXPANSIONS",
    "CallConferenceSerializer",
    "CallDetailSerializer",
    "CallSerializer",
    "ChildCallSerializer",
    "ConferenceDetailSerializer",
    "ConferenceSerializer",
    "DispositionSerializer",
    "Expansion",
    "LegSerializer",
    "ListedLegSerializer",
    "ListedParticipantSerializer",
    "ListedRecordingSerializer",
    "MOST_SHOWN",
    "MergedSerializer",
    "NUMBERS",
    "NoteSerializer",
    "OfAccountSerializer",
    "ParticipantSerializer",
    "ReadSerializer",
    "RecordingSerializer",
    "ServiceNumberSerializer",
    "StrengthField",
    "TagSerializer",
    "UtcDateTimeField",
    "plain",
    "provider_id",
    "provider_of",
]
