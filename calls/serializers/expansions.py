"""What may be shown within an object, by the name that `expand` asks for it with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import F, Prefetch, prefetch_related_objects

from calls.models import Call, CallNote, Leg, Participant, Recording

from .annotations import NoteSerializer
from .base import ReadSerializer
from .conferences import ParticipantSerializer, RecordingSerializer
from .legs import LegSerializer
from .parts import CallConferenceSerializer, ChildCallSerializer

# What hangs on one object is shown up to here; the rest is in the list of its kind.
MOST_SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class Expansion:
    """`load` reads it for all rows of a page at once, into their attribute `source`. Who lacks the
    scope may not ask for it."""

    serializer: type[ReadSerializer]
    source: str
    load: Callable[[Sequence], None]
    usual: bool = True  # of one object shown without being asked for
    scope: str = ""


def related(relation: str, source: str, rows: Callable) -> Callable[[Sequence], None]:
    def load(objects: Sequence) -> None:
        prefetch_related_objects(objects, Prefetch(relation, rows()[:MOST_SHOWN], source))

    return load


def _legs():
    order = "side", F("started_at").asc(nulls_last=True), "id"
    legs = Leg.objects.select_related("call", "connected_call")
    return legs.defer("claims", "call__claims", "connected_call__claims").order_by(*order)


def _participants():
    members = Participant.objects.select_related("call", "conference")
    return members.defer("claims", "call__claims", "conference__claims").order_by(
        F("joined_at").asc(nulls_last=True), "id"
    )


def _recordings():
    recordings = Recording.objects.select_related("call", "conference")
    return recordings.defer("claims", "call__claims", "conference__claims").order_by(
        "created_at", "id"
    )


def _children():
    return Call.objects.defer("claims").order_by("begun_at", "id")


def _notes():
    return CallNote.objects.order_by("created_at", "id")


# The deliveries of a call are added where deliveries are known.
CALL_EXPANSIONS = {
    "legs": Expansion(LegSerializer, "shown_legs", related("legs", "shown_legs", _legs)),
    "recordings": Expansion(
        RecordingSerializer,
        "shown_recordings",
        related("recordings", "shown_recordings", _recordings),
    ),
    "children": Expansion(
        ChildCallSerializer, "shown_children", related("children", "shown_children", _children)
    ),
    "conferences": Expansion(
        CallConferenceSerializer,
        "shown_participations",
        related("participations", "shown_participations", _participants),
    ),
    "notes": Expansion(
        NoteSerializer, "shown_notes", related("notes", "shown_notes", _notes), usual=False
    ),
}
CONFERENCE_EXPANSIONS = {
    "participants": Expansion(
        ParticipantSerializer,
        "shown_participants",
        related("participants", "shown_participants", _participants),
    ),
    "recordings": Expansion(
        RecordingSerializer,
        "shown_recordings",
        related("recordings", "shown_recordings", _recordings),
    ),
}
