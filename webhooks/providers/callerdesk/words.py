"""CallerDesk's words, and ours.

https://docs.callerdesk.io/incoming-call-reports-status
https://docs.callerdesk.io/outgoing-call-reports-status
"""

import re
from functools import lru_cache
from typing import NamedTuple

from calls.choices import Direction, EndReason, HangupBy, Party, Status

DIRECTIONS = {"IVR": Direction.INBOUND, "WEBOBD": Direction.OUTBOUND}

AGENT_FAILED, CUSTOMER_FAILED = "CANCELAGENT", "CANCELCUSTOMER"
LEG_A_ANSWER = "LEGAANSWER"
IVR_ONLY = "NOTCONNECTED"

# The Status of a Call Report. The two CANCEL… words stand for what `hangup_cause` details.
REPORT = {
    "ANSWER": (Status.COMPLETED, EndReason.ANSWERED),
    "ANSWERED": (Status.COMPLETED, EndReason.ANSWERED),
    "LEGBANSWER": (Status.COMPLETED, EndReason.ANSWERED),
    "NOANSWER": (Status.NO_ANSWER, EndReason.NO_ANSWER),
    "MISSED": (Status.NO_ANSWER, EndReason.NO_ANSWER),
    "CANCEL": (Status.CANCELED, EndReason.HANGUP_BEFORE_ANSWER),
    AGENT_FAILED: (Status.NO_ANSWER, EndReason.AGENT_LEG_FAILED),
    CUSTOMER_FAILED: (Status.NO_ANSWER, EndReason.CUSTOMER_LEG_FAILED),
    "BUSY": (Status.BUSY, EndReason.BUSY),
    "CONGESTION": (Status.FAILED, EndReason.CONGESTION),
    "UNAVAILABLE": (Status.FAILED, EndReason.UNREACHABLE),
    "UNAVAIL": (Status.FAILED, EndReason.UNREACHABLE),
    "CHANUNAVAIL": (Status.FAILED, EndReason.UNREACHABLE),
    "AGENTUNREGISTERED": (Status.FAILED, EndReason.AGENT_UNREGISTERED),
    "INVALIDARGS": (Status.FAILED, EndReason.CONFIGURATION),
    "FAILED": (Status.FAILED, EndReason.FAILED),
    IVR_ONLY: (Status.NO_ANSWER, EndReason.IVR_ONLY),
    "AGENTENGAGED": (Status.NO_ANSWER, EndReason.AGENT_ENGAGED),
    "AGENTONRING": (Status.NO_ANSWER, EndReason.AGENT_RINGING),
    "ABANDONEDCALL": (Status.NO_ANSWER, EndReason.ABANDONED),
    "ABANDONED": (Status.NO_ANSWER, EndReason.ABANDONED),
    "VOICEMAIL": (Status.NO_ANSWER, EndReason.VOICEMAIL),
}

# The Status of a Live Call, where it tells how far the call is. Any other word of REPORT speaks
# of one attempt to reach somebody: the call goes on until its report.
LIVE = {
    "TRANSFERTOAGENT": Status.RINGING,
    "TRANSFERRING": Status.RINGING,
    LEG_A_ANSWER: Status.RINGING,
    "LEGBANSWER": Status.IN_PROGRESS,
    "PICKED": Status.IN_PROGRESS,
    "ANSWER": Status.IN_PROGRESS,
    "ANSWERED": Status.IN_PROGRESS,
}

# CallerDesk's own labels of hangup codes; they are not those of Q.850.
CODES = {"0": Status.NO_ANSWER, "1": Status.FAILED, "17": Status.BUSY, "19": Status.FAILED}
NORMAL_END = "16"

_BRACKET = re.compile(r"\([^()]*\)?\s*$")
_NOISE = re.compile(r"[^A-Z0-9]+")
_PARTIES = {"AGENT": Party.AGENT, "CUSTOMER": Party.CUSTOMER}


@lru_cache(maxsize=2_000)  # they say the same few words again and again
def key(word: str) -> str:
    """`Cancel-Agent`, `NO ANSWER` and `BUSY (17)` as CANCELAGENT, NOANSWER and BUSY."""
    return _NOISE.sub("", _BRACKET.sub("", word).upper())


class Cause(NamedTuple):
    """`hangup_cause`: what happened, a code, whose side it is about; "" and None if not said."""

    word: str = ""
    code: str = ""
    party: Party | None = None


@lru_cache(maxsize=2_000)
def cause(text: str) -> Cause:
    """`ANSWER(16-customer)`, `NOANSWER (0-agent)`, `ANSWER (16)`, or any part of that."""
    word, _, detail = text.partition("(")
    code = re.search(r"\d+", detail, re.ASCII)
    party = re.search(r"AGENT|CUSTOMER", detail.upper())
    return Cause(
        key(word),
        str(int(code[0][:9])) if code else "",
        _PARTIES[party[0]] if party else None,
    )


def ended(word: str, why: Cause, error_code: str) -> tuple[Status, EndReason]:
    """What the Status of a Call Report says, in our words."""
    known = key(word)
    status, reason = REPORT.get(known, (Status.UNKNOWN, EndReason.UNRECOGNISED))
    if known in (AGENT_FAILED, CUSTOMER_FAILED):
        status = _detail(why, error_code) or status
    return status, reason


def _detail(why: Cause, error_code: str) -> Status | None:
    if why.word in REPORT and why.word not in (AGENT_FAILED, CUSTOMER_FAILED):
        status = REPORT[why.word][0]
        if status != Status.COMPLETED:  # the leg that failed is not the one that answered
            return status
    return CODES.get(why.code) or CODES.get(error_code)


def hangup_by(why: Cause, direction: Direction | None) -> HangupBy | None:
    """Only a normal end was brought about by hanging up; else the party is who was not reached."""
    answered = why.word in REPORT and REPORT[why.word][0] == Status.COMPLETED
    if why.code != NORMAL_END and not (answered and not why.code):
        return None
    if why.party:
        return HangupBy(why.party.value)
    if answered and why.code and direction == Direction.OUTBOUND:
        return HangupBy.CUSTOMER  # so CallerDesk's page of outgoing results explains "ANSWER (16)"
    return None
