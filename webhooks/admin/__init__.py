"""The door and the inbox as people see them."""

from . import call_page  # noqa: F401 – offers itself to the pages of calls
from .deliveries import DeliveryAdmin
from .endpoints import EndpointAdmin, SecretAdmin
from .messages import AttemptAdmin, DispatchTurnAdmin, MessageAdmin
from .scripts import CallScriptAdmin
from .subscriptions import SubscriptionAdmin
from .traffic import EndpointHourAdmin

__all__ = [
    "AttemptAdmin",
    "CallScriptAdmin",
    "DeliveryAdmin",
    "DispatchTurnAdmin",
    "EndpointAdmin",
    "EndpointHourAdmin",
    "MessageAdmin",
    "SecretAdmin",
    "SubscriptionAdmin",
]
