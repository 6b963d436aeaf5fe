"""The lives that calls lead at CallerDesk, each told once from beginning to end.

https://docs.callerdesk.io/incoming-call-reports-status and …/outgoing-call-reports-status
"""

from collections.abc import Callable

from .callerdesk import LEG_FAILURES, CallerDeskCall
from .story import Story

Tell = Callable[[Story, str], None]


def _comes_in(story: Story, call_sid: str) -> CallerDeskCall:
    call = CallerDeskCall(story, "IVR", call_sid)
    story.wait(0, 1)
    call.pick_a()  # by the IVR
    story.wait(2, 10)
    return call


def _keys(story: Story) -> str:
    return story.rng.choice(["", "1", "2", "12"])


def _rings_agent(call: CallerDeskCall) -> None:
    call.dial_b()
    if call.story.chance(0.8):
        call.live("TransferToAgent")
    call.story.wait(3, 25)


def answered(story: Story, call_sid: str) -> None:
    call = _comes_in(story, call_sid)
    keys = _keys(story)
    _rings_agent(call)
    call.pick_b()
    if story.chance(0.8):
        call.live("Picked")
    story.wait(5, 80, long=True)
    cause = story.rng.choice(["ANSWER(16-customer)", "ANSWER (16-agent)", "ANSWER (16)", ""])
    call.report("ANSWER", cause=cause, code="0", keys=keys, audio=story.chance(0.8))


def missed(story: Story, call_sid: str) -> None:
    call = _comes_in(story, call_sid)
    _rings_agent(call)
    word = story.rng.choice(["NOANSWER", "NO ANSWER", "CANCEL"])
    call.report(word, cause=f"{word} (0-agent)", code="0", keys=_keys(story))


def abandoned(story: Story, call_sid: str) -> None:
    """Nobody took it, the caller gave up: no agent is named, leg b has the times of nothing."""
    call = _comes_in(story, call_sid)
    story.wait(5, 60, long=True)
    call.report("AbandonedCall", keys=_keys(story))


def ivr_only(story: Story, call_sid: str) -> None:
    call = _comes_in(story, call_sid)
    story.wait(1, 20)
    call.report("NotConnected", keys=_keys(story))


def agent_busy(story: Story, call_sid: str) -> None:
    call = _comes_in(story, call_sid)
    call.dial_b()
    story.wait(1, 3)
    word = story.rng.choice(["AgentEngaged", "Agentonring", "BUSY"])
    code = "17" if word == "BUSY" else "0"
    call.report(word, cause=f"{word} ({code}-agent)", code=code)


def voicemail(story: Story, call_sid: str) -> None:
    call = _comes_in(story, call_sid)
    _rings_agent(call)
    story.wait(3, 30)
    call.report("VOICEMAIL", audio=True, keys=_keys(story))


def unreachable(story: Story, call_sid: str) -> None:
    call = _comes_in(story, call_sid)
    call.dial_b()
    story.wait(1, 5)
    word, code = story.rng.choice([("CONGESTION", "1"), ("UN-AVAIL", "19"), ("CHANUNAVAIL", "19")])
    call.report(word, cause=f"{word} ({code}-agent)", code=code)


def _clicked(story: Story, call_sid: str) -> CallerDeskCall:
    """Click-to-call: the agent is rung first. These calls have an id series of their own."""
    number = call_sid.replace(".", "")[-9:].lstrip("0")
    call = CallerDeskCall(story, "WEBOBD", number, campid=str(story.rng.randrange(10**6, 10**8)))
    story.wait(3, 15)
    return call


def clicked_answered(story: Story, call_sid: str) -> None:
    call = _clicked(story, call_sid)
    call.pick_a()
    story.wait(0, 2)
    _rings_agent(call)  # leg b is the customer here
    call.pick_b()
    if story.chance(0.8):
        call.live("Picked")
    story.wait(5, 70, long=True)
    cause = story.rng.choice(["ANSWER(16-customer)", "ANSWER(16-agent)", "ANSWER (16)"])
    call.report("ANSWER", cause=cause, code="0", audio=story.chance(0.8))


def clicked_agent_failed(story: Story, call_sid: str) -> None:
    call = _clicked(story, call_sid)
    call.dialled = True  # named, though it was never rung
    cause = story.rng.choice(list(LEG_FAILURES)).format("agent")
    call.report("Cancel-Agent", cause=cause, code="0")


def clicked_customer_failed(story: Story, call_sid: str) -> None:
    call = _clicked(story, call_sid)
    call.pick_a()
    _rings_agent(call)
    cause = story.rng.choice(list(LEG_FAILURES)).format("customer")
    call.report("Cancel-Customer", cause=cause, code="0")


LIVES: dict[str, tuple[Tell, int]] = {  # name: (tell, how often among the others)
    "incoming, answered": (answered, 8),
    "incoming, missed": (missed, 3),
    "incoming, abandoned": (abandoned, 2),
    "incoming, ended in the menu": (ivr_only, 2),
    "incoming, agent busy": (agent_busy, 2),
    "incoming, voicemail": (voicemail, 1),
    "incoming, agent unreachable": (unreachable, 1),
    "click-to-call, answered": (clicked_answered, 5),
    "click-to-call, agent not reached": (clicked_agent_failed, 2),
    "click-to-call, customer not reached": (clicked_customer_failed, 2),
}
