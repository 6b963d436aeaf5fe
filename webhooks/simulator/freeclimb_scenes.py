"""Scenes that the lives at FreeClimb are made of."""

from .freeclimb import Account, FreeClimbCall, FreeClimbConference
from .story import Story, seconds_between

UNREACHED = {"busy": "busy", "noAnswer": "noAnswer", "failed": "failed", "canceled": "callCanceled"}


def customer(story: Story) -> str:
    number = story.rng.randrange(1000, 10_000)
    if number % 5 < 2:  # some people call again
        number = 1000 + number % 60 * 149
    return f"+1312555{number}"


def service(story: Story) -> str:
    return f"+131255500{story.rng.randrange(10, 30)}"


def agent(story: Story) -> str:
    return f"+131255501{story.rng.randrange(10, 18)}"


def comes_in(story: Story, account: Account) -> FreeClimbCall:
    call = FreeClimbCall(story, account, "inbound", customer(story), service(story))
    call.post("inboundCall", "ringing")
    return call


def goes_out(story: Story, account: Account) -> FreeClimbCall:
    word = story.rng.choice(["outbound", "outboundAPI"])
    call = FreeClimbCall(story, account, word, service(story), customer(story))
    story.wait(2, 12)
    return call


def menu(call: FreeClimbCall) -> None:
    """A digit or a few words, then wherever they lead."""
    story = call.story
    story.wait(2, 8)
    if story.chance(0.75):
        digit = str(story.rng.randint(0, 9))
        call.post("getDigits", digits=digit, reason="maxDigits")
    else:
        call.post(
            "getSpeech",
            reason="recognition",
            recognitionResult="SALES",
            confidence=story.rng.choice([87, "87"]),
        )
    if story.chance(0.3):
        story.wait(1, 2)
        call.post("redirect", originalRequestType=None)


def hangs_up(call: FreeClimbCall, recording: dict | None = None) -> None:
    reason = call.story.rng.choice(["farEndHangup", "farEndHangup", "appHangup"])
    call.end("completed", reason, recording)
    call.tell_legs()


def bridge(parent: FreeClimbCall, children: list[FreeClimbCall], *, recorded: bool = False):
    """Everybody into one conference: nobody talks to anybody at FreeClimb without one."""
    story = parent.story
    conference = FreeClimbConference(parent)
    story.wait(1, 2)
    conference.join(parent)
    conference.tell("populated")
    for child in children:
        story.wait(1, 2)
        conference.join(child)
    story.wait(1, 1)
    conference.tell("inProgress")
    begun = story.now
    story.wait(5, 30, long=True)
    if story.chance(0.3):
        parent.tell("callControl", conferenceId=conference.id, digits="1")
    for child in children:
        if story.chance(0.8):  # without a leaveConferenceUrl nobody is told
            conference.leave(child)
        story.wait(1, 2)
        child.end("completed", story.rng.choice(["farEndHangup", "conferenceTerminated"]))
        child.tell_legs()
    conference.leave(parent)
    talked = seconds_between(begun, story.now)
    conference.tell("empty")
    story.wait(1, 2)
    ended_first = story.chance(0.5)
    if ended_first:
        hangs_up(parent)
    if story.chance(0.8):
        story.wait(1, 2)
        conference.tell("terminated")
    if recorded:
        story.wait(3, 12)
        conference.recorded(talked)
    if not ended_first:
        story.wait(1, 3)
        hangs_up(parent)


def unreached(child: FreeClimbCall) -> None:
    story = child.story
    story.wait(3, 20)
    word, reason = story.rng.choice(list(UNREACHED.items()))
    child.connect(word)
    child.end(word, reason)
    child.tell_legs()


def queues(call: FreeClimbCall) -> str:
    story = call.story
    queue = story.id("QU")
    call.truth.queue_state, call.truth.queue_id = "waiting", queue
    story.wait(1, 3)
    call.post("addToQueueNotification", "queued", queueId=queue)
    for position in range(story.rng.randint(1, 3), 0, -1):
        story.wait(2, 8, long=True)
        call.post(
            "queueWait",
            "queued",
            queueId=queue,
            queuePosition=story.rng.choice([position, str(position)]),
            queueTime=seconds_between(call.truth.started_at, story.now),
            currentQueueSize=position + story.rng.randint(0, 3),
        )
    return queue
