"""FreeClimb's words: ours. Pages: https://docs.freeclimb.com/reference/webhooks and those it lists;
where documentation, OpenAPI file and payloads spell a word differently, all spellings are here."""

from calls.choices import (
    AnsweredBy,
    ConferenceStatus,
    Direction,
    EndReason,
    HangupBy,
    Status,
)

CALL_STATUS = "callStatus"  # the one type that ends a call

# What may be answered with PerCL; with conditions, see answers.py.
SCRIPTED = frozenset(
    {
        "audioStream",
        "callControl",
        "conferenceCallControl",
        "createConference",
        "dequeue",
        "getDigits",
        "getSpeech",
        "inboundCall",
        "leaveConference",
        "machineDetected",
        "outDialApiConnect",
        "outDialConnect",
        "outDialStart",
        "queueWait",
        "record",
        "redirect",
        "removeFromQueueNotification",
        "transcribe",
    }
)
# About a conference; their call fields, if any, speak of a call in it. The OpenAPI file's text
# calls conferenceRecordingStatus conferenceRecordingEnded.
CONFERENCE = frozenset(
    {"conferenceStatus", "conferenceRecordingStatus", "conferenceRecordingEnded"}
)
MESSAGES = frozenset({"messageDelivery", "messageStatus"})
NOTIFICATIONS = (
    frozenset({CALL_STATUS, "addToConferenceNotification", "addToQueueNotification"})
    | CONFERENCE
    | MESSAGES
)
KNOWN = SCRIPTED | NOTIFICATIONS
RECORDING = CONFERENCE | {CALL_STATUS, "record", "transcribe", "createConference"}

STATUSES = {
    "queued": Status.QUEUED,
    "ringing": Status.RINGING,
    "inProgress": Status.IN_PROGRESS,
    "completed": Status.COMPLETED,
    "busy": Status.BUSY,
    "noAnswer": Status.NO_ANSWER,
    "canceled": Status.CANCELED,
    "failed": Status.FAILED,
}

DIRECTIONS = {
    "inbound": Direction.INBOUND,
    "outbound": Direction.OUTBOUND,
    "outboundAPI": Direction.OUTBOUND,
    "outboundDial": Direction.OUTBOUND_DIAL,
}

# Why a call ended, and who ended it where that tells.
END_REASONS: dict[str, tuple[EndReason, HangupBy | None]] = {
    "busy": (EndReason.BUSY, None),
    "failed": (EndReason.FAILED, None),
    "noAnswer": (EndReason.NO_ANSWER, None),
    "callCanceled": (EndReason.CANCELED, HangupBy.APPLICATION),
    "farEndHangup": (EndReason.FAR_END_HANGUP, HangupBy.FAR_END),
    "appHangup": (EndReason.APP_HANGUP, HangupBy.APPLICATION),
    "appReject": (EndReason.APP_REJECT, HangupBy.APPLICATION),
    "appNoPercl": (EndReason.APP_NO_PERCL, HangupBy.APPLICATION),
    "appInvalidPercl": (EndReason.APP_INVALID_PERCL, HangupBy.APPLICATION),
    "conferenceTerminated": (EndReason.CONFERENCE_TERMINATED, HangupBy.APPLICATION),
    "conferenceEmptied": (EndReason.CONFERENCE_EMPTIED, HangupBy.APPLICATION),
    "removedFromConference": (EndReason.REMOVED_FROM_CONFERENCE, HangupBy.APPLICATION),
    "machineDetected": (EndReason.MACHINE_DETECTED, HangupBy.APPLICATION),
    "grpcHangup": (EndReason.GRPC_HANGUP, HangupBy.APPLICATION),
    "webhookFailed": (EndReason.WEBHOOK_FAILED, HangupBy.PROVIDER),
    "webhookInvalidResponse": (EndReason.WEBHOOK_INVALID_RESPONSE, HangupBy.PROVIDER),
    "voiceDisabled": (EndReason.VOICE_DISABLED, HangupBy.PROVIDER),
    "configErrorNoApplication": (EndReason.NO_APPLICATION, HangupBy.PROVIDER),
    "configErrorNoVoiceUrl": (EndReason.NO_VOICE_URL, HangupBy.PROVIDER),
    "maxRedirectsError": (EndReason.MAX_REDIRECTS, HangupBy.PROVIDER),
    "perclProcessingError": (EndReason.PERCL_PROCESSING_ERROR, HangupBy.PROVIDER),
    "internalError": (EndReason.INTERNAL_ERROR, HangupBy.PROVIDER),
    "maxDuration": (EndReason.MAX_DURATION, HangupBy.PROVIDER),
}

CONFERENCE_STATUSES = {
    "creating": ConferenceStatus.CREATING,
    "empty": ConferenceStatus.EMPTY,
    "populated": ConferenceStatus.POPULATED,
    "inProgress": ConferenceStatus.IN_PROGRESS,
    "terminated": ConferenceStatus.TERMINATED,
    "failed": ConferenceStatus.FAILED,
    "internalError": ConferenceStatus.FAILED,  # in older text
}

ANSWERED_BY = {"human": AnsweredBy.HUMAN, "machine": AnsweredBy.MACHINE}

# Words that no column takes. A new one is still shown to staff.
_UNTAKEN = {
    "machineType": {"answering machine", "answeringMachine", "fax modem", "faxMachine"},
    "queueResult": {"queueFull", "dequeued", "hangup", "systemError"},
    "termReason": {"finishKey", "timeout", "hangup", "maxLength", "error", "completed"},
    "recordTermReason": {"finishKey", "timeout", "hangup", "maxLength"},
    "reason": {
        "digit",
        "error",
        "finishKey",
        "hangup",
        "maxDigits",
        "minDigits",
        "noInput",
        "noMatch",
        "recognition",
        "recognitionTimeout",
        "timeout",
        "tone",
    },
    "transcribeReason": {"internalError", "hangup", "maxLength", "digit", "noInput"},
    "bargeInReason": {"noBargeIn", "bargeInByDTMF", "bargeInByEnergy"},
}
OTHERS = {name: dict.fromkeys(known, True) for name, known in _UNTAKEN.items()}
