"""What a provider's module must offer. It reads stored deliveries: no models, no request.

So the same bytes can be read again tomorrow, by better code.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from calls.choices import Provider
from calls.facts import AnyFact

# Kept on the row of a webhook that expected PerCL and got none: it probably ended the leg.
WITHOUT_SCRIPT = "answered without a script"


T = TypeVar("T")


class Unreadable(Exception):
    """The delivery cannot be read, or must not be: it ends as failed, with this text as reason."""


class Context(NamedTuple):
    """What the endpoint adds to the bytes: the input of a parser beside the delivery."""

    provider_account_id: str = ""
    region: str = ""
    time_zone: str = "UTC"
    agent_numbers: frozenset[str] = frozenset()


class Message(Protocol):
    """What a parser may look at: a Delivery, or anything shaped like one."""

    method: str
    content_type: str
    query: str
    body: bytes
    kind: str
    signed_at: datetime | None
    received_at: datetime


def contents(message: Message, read: Callable[[Message], T]) -> T:
    """What `read` makes of the bytes, kept on the message for who asks next. Each message is
    described, answered and parsed: reading it once takes 0.7 of the time of all three together."""
    found = getattr(message, "contents", None)
    if found is None:
        found = message.contents = read(message)
    return found


def take_contents(message: Message, read: Callable[[Message], T]) -> T:
    """The same, and the message forgets them: who stored it may read it again from its bytes."""
    found = contents(message, read)
    message.contents = None
    return found


class Subject(NamedTuple):
    """What a delivery is about, worked out at receipt. `object` is "call", "conference" or ""."""

    kind: str = ""  # the provider's own event name
    object: str = ""
    provider_id: str = ""


class Reading(NamedTuple):
    """What a delivery says. No facts: it is ignored and `reason` says why. Facts and a reason:
    it is processed and flagged with that reason."""

    facts: Sequence[AnyFact] = ()
    reason: str = ""


class Answer(NamedTuple):
    """What the provider gets to hear. `note` is kept on the delivery's row."""

    body: bytes
    content_type: str
    note: str = ""


# (request type, called number or "") → PerCL
Scripts = Mapping[tuple[str, str], list[Any]]


class BaseProvider(ABC):
    provider: Provider
    methods: frozenset[str] = frozenset({"GET", "POST"})
    signature_header: str | None = None  # None: this provider does not sign

    def verify(
        self, header: str | None, body: bytes, secrets: Sequence[str], now: float
    ) -> datetime | None:
        """When it was signed, for a valid signature; None refuses the request."""
        raise LookupError(f"{self.provider} does not sign its requests")

    @abstractmethod
    def describe(self, message: Message) -> Subject:
        """Kind and subject. Never raises: what cannot be read is about nothing."""

    @abstractmethod
    def parse(self, message: Message, context: Context) -> Reading:
        """What the delivery says. Raises Unreadable."""

    @abstractmethod
    def acknowledge(self, message: Message, scripts: Scripts) -> Answer:
        """The body of the 200. Never raises."""
