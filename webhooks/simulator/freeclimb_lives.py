"""The lives that calls lead at FreeClimb, each told once from beginning to end.

https://docs.freeclimb.com/reference/webhooks says who posts what, and when.
"""

from collections.abc import Callable

from .freeclimb import Account, FreeClimbCall
from .freeclimb_scenes import (
    UNREACHED,
    agent,
    bridge,
    comes_in,
    customer,
    goes_out,
    hangs_up,
    menu,
    queues,
    service,
    unreached,
)
from .story import Story, seconds_between

Tell = Callable[[Story, Account], None]


def inbound_ivr(story: Story, account: Account) -> None:
    call = comes_in(story, account)
    for _ in range(story.rng.randint(1, 3)):
        menu(call)
    story.wait(3, 40, long=True)
    hangs_up(call)


def inbound_recorded(story: Story, account: Account) -> None:
    """StartRecordCall: there is no webhook for the recording, callStatus tells of it."""
    call = comes_in(story, account)
    menu(call)
    begun = story.now
    story.wait(5, 60, long=True)
    hangs_up(call, call.recording(seconds_between(begun, story.now)))


def inbound_recorded_nothing(story: Story, account: Account) -> None:
    """Hung up at once: the recording's fields are there, and there is no recording."""
    call = comes_in(story, account)
    menu(call)
    story.wait(1, 1)
    none = {"recordingUrl": "", "recordingId": "", "recordingDurationSec": 0}
    if story.chance(0.5):
        none = {"recordingUrl": None, "recordingId": None, "recordingDurationSec": "0"}
    hangs_up(call, none)


def inbound_voicemail(story: Story, account: Account) -> None:
    call = comes_in(story, account)
    menu(call)
    seconds = seconds_between(story.now, story.wait(4, 30))
    size = seconds * 8_000 + 44
    fields = call.recording(seconds, size_bytes=size, format="audio/wav")
    call.post(
        "record",
        **fields,
        recordingSize=story.rng.choice([size, str(size)]),
        recordingFormat="audio/wav",
        termReason="finishKey",
        privacyMode=False,
    )
    story.wait(1, 3)
    hangs_up(call)


def inbound_transcribed(story: Story, account: Account) -> None:
    """Its page lists neither status nor direction, and lengths in milliseconds."""
    call = comes_in(story, account)
    menu(call)
    seconds = seconds_between(story.now, story.wait(4, 30))
    size = seconds * 8_000 + 44
    fields = call.recording(seconds, size_bytes=size, format="audio/wav")
    del fields["recordingDurationSec"]
    call.tell(
        "transcribe",
        **fields,
        recordingFormat="audio/wav",
        recordingSize=size,
        recordingDurationMs=seconds * 1000 - story.rng.randrange(1000),  # told in seconds: up
        transcriptionDurationMs=story.rng.randrange(200, 900),
        transcript=story.rng.choice(["please call me back", None]),
        digit="#",
        termReason="completed",
        recordTermReason="finishKey",
        transcribeReason="digit",
        bargeInReason="noBargeIn",
        bargedInPromptNo=0,
        bargedInPromptMs=0,
        bargedInPromptLoopNo=0,
        bargeInTimeMs=0,
        privacyForLogging=False,
        privacyForRecording=False,
    )
    story.wait(1, 3)
    hangs_up(call)


def inbound_missed(story: Story, account: Account) -> None:
    call = comes_in(story, account)
    story.wait(4, 30)
    ends = [("noAnswer", "farEndHangup"), ("busy", "appReject"), ("failed", "appNoPercl")]
    call.end(*story.rng.choice(ends))
    call.tell_legs()


def inbound_misconfigured(story: Story, account: Account) -> None:
    """No voiceUrl: all that is ever posted is that the call is over."""
    call = FreeClimbCall(story, account, "inbound", customer(story), service(story))
    story.wait(0, 2)
    call.end("failed", "configErrorNoVoiceUrl")
    call.tell_legs()


def out_dial(story: Story, account: Account) -> None:
    call = comes_in(story, account)
    menu(call)
    story.wait(1, 2)
    child = call.dial(call.truth.to_number, agent(story))
    story.wait(3, 15)
    child.connect()
    bridge(call, [child])


def out_dial_hunt(story: Story, account: Account) -> None:
    """One after the other, until somebody answers or nobody is left."""
    call = comes_in(story, account)
    menu(call)
    for _ in range(story.rng.randint(1, 3)):
        story.wait(1, 2)
        unreached(call.dial(call.truth.to_number, agent(story)))
    story.wait(1, 2)
    if story.chance(0.5):
        hangs_up(call)
        return
    to = story.rng.choice([agent(story), "sip:desk.7@pbx.example.com"])
    child = call.dial(call.truth.to_number, to)
    story.wait(3, 10)
    child.connect()
    story.wait(3, 20, long=True)
    child.end("completed", "farEndHangup")
    child.tell_legs()
    story.wait(1, 3)
    hangs_up(call)


def out_dial_child_rings_out(story: Story, account: Account) -> None:
    """An OutDial without statusCallbackUrl: of the child's end only outDialConnect tells."""
    call = comes_in(story, account)
    menu(call)
    story.wait(1, 2)
    child = call.dial(call.truth.to_number, agent(story))
    story.wait(5, 25)
    child.connect(story.rng.choice(list(UNREACHED)))
    child.tell_legs()
    story.wait(1, 4)
    hangs_up(call)


def outbound(story: Story, account: Account) -> None:
    call = goes_out(story, account)
    call.connect()
    menu(call)
    story.wait(3, 60, long=True)
    hangs_up(call)


def outbound_unanswered(story: Story, account: Account) -> None:
    call = goes_out(story, account)
    unreached(call)


def outbound_machine(story: Story, account: Account) -> None:
    call = goes_out(story, account)
    call.connect()
    story.wait(1, 4)
    kinds = ["answering machine", "answeringMachine", "fax modem", "faxMachine"]
    call.post("machineDetected", machineType=story.rng.choice(kinds))
    call.truth.answered_by = "machine"
    story.wait(1, 6)
    call.end("completed", story.rng.choice(["machineDetected", "appHangup"]))
    call.tell_legs()


def queue_served(story: Story, account: Account) -> None:
    call = comes_in(story, account)
    menu(call)
    queue = queues(call)
    story.wait(2, 6)
    waited = seconds_between(call.truth.started_at, story.now)
    call.post("dequeue", queueId=queue, queueResult="dequeued", queueTime=waited)
    call.truth.queue_state = "left"
    story.wait(1, 2)
    child = call.dial(call.truth.to_number, agent(story))
    story.wait(2, 6)
    child.connect()
    bridge(call, [child])


def queue_abandoned(story: Story, account: Account) -> None:
    call = comes_in(story, account)
    menu(call)
    queue = queues(call)
    story.wait(2, 10)
    waited = seconds_between(call.truth.started_at, story.now)
    call.post(
        "removeFromQueueNotification",
        "queued",
        queueId=queue,
        queueResult="hangup",
        queueTime=waited,
    )
    call.truth.queue_state = "left"
    call.end("completed", "farEndHangup")
    call.tell_legs()


def conference_recorded(story: Story, account: Account) -> None:
    """Three in a conference; its recording is ready after it was terminated."""
    call = comes_in(story, account)
    menu(call)
    children = []
    for _ in range(2):
        story.wait(1, 2)
        child = call.dial(call.truth.to_number, agent(story))
        story.wait(2, 8)
        child.connect()
        children.append(child)
    bridge(call, children, recorded=True)


LIVES: dict[str, tuple[Tell, int]] = {  # name: (tell, how often among the others)
    "inbound with a menu": (inbound_ivr, 6),
    "inbound, recorded": (inbound_recorded, 4),
    "inbound, recording of no length": (inbound_recorded_nothing, 1),
    "inbound, message left": (inbound_voicemail, 2),
    "inbound, missed": (inbound_missed, 3),
    "inbound, nothing configured": (inbound_misconfigured, 1),
    "dialled on": (out_dial, 4),
    "dialled on, several tried": (out_dial_hunt, 3),
    "dialled on, nobody told us the end": (out_dial_child_rings_out, 1),
    "outbound": (outbound, 4),
    "outbound, not reached": (outbound_unanswered, 2),
    "outbound to a machine": (outbound_machine, 2),
    "queue, served": (queue_served, 2),
    "queue, given up": (queue_abandoned, 2),
    "conference, recorded": (conference_recorded, 2),
    "inbound, message transcribed": (inbound_transcribed, 1),
}
