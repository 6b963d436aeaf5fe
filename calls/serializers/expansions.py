"""What may be shown within an object, by the name that `expand` asks for it with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import F

from calls.beneath import put_beneath
from calls.models import Call, CallNote, Leg, Participant, Recording

from .annotations import NoteSerializer
from .base import PARTIES, ReadSerializer
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


def related(relation: str, rows: Callable) -> Callable[[Sequence], None]:
    def load(objects: Sequence) -> None:
        put_beneath(objects, relation, rows(), each=MOST_SHOWN, at_once=MOST_SHOWN)

    return load


def _all_but_ids(relation: str) -> list[str]:
    """Columns of a call whose own id alone is shown, but for that and the numbers it may hold."""
    names = {field.name for field in Call._meta.concrete_fields}
    return [f"{relation}__{name}" for name in names - {"id", "provider_call_id", *PARTIES}]


def _legs():
    order = "side", F("started_at").asc(nulls_last=True), "id"
    legs = Leg.objects.select_related("call", "connected_call")
    return legs.defer("claims", *_all_but_ids("call"), *_all_but_ids("connected_call")).order_by(
        *order
    )


def _participants():
    members = Participant.objects.select_related("call", "conference")
    return members.defer("claims", *_all_but_ids("call"), "conference__claims").order_by(
        F("joined_at").asc(nulls_last=True), "id"
    )


def _recordings():
    recordings = Recording.objects.select_related("call", "conference")
    return recordings.defer("claims", *_all_but_ids("call"), "conference__claims").order_by(
        "created_at", "id"
    )


def _children():
    return Call.objects.defer("claims").order_by("begun_at", "id")


def _notes():
    return CallNote.objects.order_by("created_at", "id")


# The deliveries of a call are added where deliveries are known.
CALL_EXPANSIONS = {
    "legs": Expansion(LegSerializer, "shown_legs", related("legs", _legs)),
    "recordings": Expansion(
        RecordingSerializer,
        "shown_recordings",
        related("recordings", _recordings),
    ),
    "children": Expansion(ChildCallSerializer, "shown_children", related("children", _children)),
    "conferences": Expansion(
        CallConferenceSerializer,
        "shown_participations",
        related("participations", _participants),
    ),
    "notes": Expansion(NoteSerializer, "shown_notes", related("notes", _notes), usual=False),
}
CONFERENCE_EXPANSIONS = {
    "participants": Expansion(
        ParticipantSerializer,
        "shown_participants",
        related("participants", _participants),
    ),
    "recordings": Expansion(
        RecordingSerializer,
        "shown_recordings",
        related("recordings", _recordings),
    ),
}
