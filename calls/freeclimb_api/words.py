"""Our words: FreeClimb's. Its SDKs raise on any other word, and take null."""

from calls.choices import AnsweredBy, ConferenceStatus, Direction, Status

# A call of unknown status is told as null: it may live, or be over.
STATUSES: dict[str, str | None] = {
    Status.QUEUED: "queued",
    Status.RINGING: "ringing",
    Status.IN_PROGRESS: "inProgress",
    Status.CANCELED: "canceled",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.BUSY: "busy",
    Status.NO_ANSWER: "noAnswer",
    Status.UNKNOWN: None,
}
ACTIVE = (Status.QUEUED, Status.RINGING, Status.IN_PROGRESS)

DIRECTIONS: dict[str, str | None] = {
    Direction.INBOUND: "inbound",
    Direction.OUTBOUND: "outboundAPI",
    Direction.OUTBOUND_DIAL: "outboundDial",
    Direction.UNKNOWN: None,
}

ANSWERED_BY: dict[str, str | None] = {
    AnsweredBy.HUMAN: "human",
    AnsweredBy.MACHINE: "machine",
    "": None,
}

# The OpenAPI file knows four. One that is being created has nobody in it yet; a failed one has
# ended, as a terminated one has.
CONFERENCE_STATUSES: dict[str, str | None] = {
    ConferenceStatus.CREATING: "empty",
    ConferenceStatus.EMPTY: "empty",
    ConferenceStatus.POPULATED: "populated",
    ConferenceStatus.IN_PROGRESS: "inProgress",
    ConferenceStatus.TERMINATED: "terminated",
    ConferenceStatus.FAILED: "terminated",
    ConferenceStatus.UNKNOWN: None,
}


def ours(table: dict[str, str | None]) -> dict[str, list[str]]:
    """FreeClimb's word → ours that are told so."""
    words: dict[str, list[str]] = {}
    for word, theirs in table.items():
        if theirs is not None:
            words.setdefault(theirs, []).append(str(word))
    return words
