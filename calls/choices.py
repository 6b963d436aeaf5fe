"""The words that code, tables and API share. Providers' own words are kept beside them."""

from django.db.models import IntegerChoices, TextChoices


class Provider(TextChoices):
    FREECLIMB = "freeclimb", "FreeClimb"
    CALLERDESK = "callerdesk", "CallerDesk"


class Direction(TextChoices):
    INBOUND = "inbound", "Inbound"
    OUTBOUND = "outbound", "Outbound"
    OUTBOUND_DIAL = "outbound_dial", "Outbound dial"  # dialled by another call (FreeClimb OutDial)
    UNKNOWN = "unknown", "Unknown"


class Status(TextChoices):
    """Where a call stands; `STATUS_RANK` gives the order in which a call goes through them."""

    QUEUED = "queued", "Queued"
    RINGING = "ringing", "Ringing"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    BUSY = "busy", "Busy"
    NO_ANSWER = "no_answer", "No answer"
    CANCELED = "canceled", "Canceled"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Unknown"


STATUS_RANK = {
    Status.UNKNOWN: 0,
    Status.QUEUED: 1,
    Status.RINGING: 2,
    Status.IN_PROGRESS: 3,
    Status.FAILED: 4,
    Status.CANCELED: 5,
    Status.NO_ANSWER: 6,
    Status.BUSY: 7,
    Status.COMPLETED: 8,
}
TERMINAL = frozenset(
    {Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED}
)
UNANSWERED = TERMINAL - {Status.COMPLETED}
# Of a call that is over the merge says `unknown` instead.
GOING_ON = frozenset({Status.QUEUED, Status.RINGING, Status.IN_PROGRESS})


class EndReason(TextChoices):
    """Why a call ended: FreeClimb's callEndedReason, CallerDesk's Status, in one vocabulary."""

    ANSWERED = "answered", "Answered"
    NO_ANSWER = "no_answer", "Nobody answered"
    BUSY = "busy", "Busy"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled by request"
    HANGUP_BEFORE_ANSWER = "hangup_before_answer", "Hung up before the answer"
    FAR_END_HANGUP = "far_end_hangup", "The other end hung up"
    APP_HANGUP = "app_hangup", "The application hung up"
    APP_REJECT = "app_reject", "The application rejected the call"
    APP_NO_PERCL = "app_no_percl", "No PerCL to run"
    APP_INVALID_PERCL = "app_invalid_percl", "Invalid PerCL"
    CONFERENCE_TERMINATED = "conference_terminated", "The conference was terminated"
    CONFERENCE_EMPTIED = "conference_emptied", "The conference was emptied"
    REMOVED_FROM_CONFERENCE = "removed_from_conference", "Removed from the conference"
    MACHINE_DETECTED = "machine_detected", "An answering machine took it"
    WEBHOOK_FAILED = "webhook_failed", "A webhook could not be reached"
    WEBHOOK_INVALID_RESPONSE = "webhook_invalid_response", "A webhook's answer was unusable"
    VOICE_DISABLED = "voice_disabled", "Voice is disabled for the number"
    NO_APPLICATION = "no_application", "The number has no application"
    NO_VOICE_URL = "no_voice_url", "The application has no voice URL"
    MAX_REDIRECTS = "max_redirects", "Too many redirects"
    PERCL_PROCESSING_ERROR = "percl_processing_error", "PerCL could not be processed"
    INTERNAL_ERROR = "internal_error", "The provider's internal error"
    GRPC_HANGUP = "grpc_hangup", "The audio stream hung up"
    MAX_DURATION = "max_duration", "Longest duration reached"
    AGENT_LEG_FAILED = "agent_leg_failed", "The agent was not reached"
    CUSTOMER_LEG_FAILED = "customer_leg_failed", "The customer was not reached"
    CONGESTION = "congestion", "Congestion"
    UNREACHABLE = "unreachable", "Not reachable"
    AGENT_UNREGISTERED = "agent_unregistered", "The agent's phone is not registered"
    CONFIGURATION = "configuration", "Configuration error"
    IVR_ONLY = "ivr_only", "Ended in the IVR"
    AGENT_ENGAGED = "agent_engaged", "The agent was on another call"
    AGENT_RINGING = "agent_ringing", "The agent's phone was ringing already"
    ABANDONED = "abandoned", "Abandoned by the caller"
    VOICEMAIL = "voicemail", "Voicemail"
    UNRECOGNISED = "unrecognised", "A word we do not know"


class HangupBy(TextChoices):
    """Who ended the call, where the provider tells."""

    CUSTOMER = "customer", "Customer"
    AGENT = "agent", "Agent"
    FAR_END = "far_end", "The other end"
    APPLICATION = "application", "The application"
    PROVIDER = "provider", "The provider"


class AnsweredBy(TextChoices):
    HUMAN = "human", "Human"
    MACHINE = "machine", "Machine"


class QueueState(TextChoices):
    WAITING = "waiting", "Waiting"
    LEFT = "left", "Left"


class Side(TextChoices):
    A = "a", "A"  # the call's own connection
    B = "b", "B"  # dialled for it


class Party(TextChoices):
    CUSTOMER = "customer", "Customer"
    AGENT = "agent", "Agent"
    UNKNOWN = "unknown", "Unknown"


class ConferenceStatus(TextChoices):
    CREATING = "creating", "Creating"
    EMPTY = "empty", "Empty"
    POPULATED = "populated", "Populated"
    IN_PROGRESS = "in_progress", "In progress"
    FAILED = "failed", "Failed"
    TERMINATED = "terminated", "Terminated"
    UNKNOWN = "unknown", "Unknown"


CONFERENCE_RANK = {status: rank for rank, status in enumerate(ConferenceStatus, start=1)} | {
    ConferenceStatus.UNKNOWN: 0
}
CONFERENCE_FINAL = frozenset({ConferenceStatus.TERMINATED, ConferenceStatus.FAILED})


class ParticipantState(TextChoices):
    JOINED = "joined", "Joined"
    LEFT = "left", "Left"


class RecordingState(TextChoices):
    ANNOUNCED = "announced", "Announced"  # named, but no address of it was given yet
    AVAILABLE = "available", "Available"


class Strength(IntegerChoices):
    """How much a saying about an object weighs; INFERRED alone: never heard of itself."""

    INFERRED = 0, "Inferred"
    PROGRESS = 1, "Progress event"
    FINAL = 2, "Final event"
    RECORD = 3, "Provider's own record"
