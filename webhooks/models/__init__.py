"""The door's tables: who may knock (Endpoint, Secret), what we answer (CallScript), what came
(Delivery); and who is told of it (Subscription), what they are told (Message, Attempt)."""

from .deliveries import Delivery, EndpointHour, State
from .endpoints import CallScript, Endpoint, Secret
from .outgoing import Attempt, DispatchTurn, Message, Subscription

__all__ = [
    "Attempt",
    "CallScript",
    "Delivery",
    "DispatchTurn",
    "Endpoint",
    "EndpointHour",
    "Message",
    "Secret",
    "State",
    "Subscription",
]
