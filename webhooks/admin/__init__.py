"""The door and the inbox as people see them."""

from .deliveries import DeliveryAdmin
from .endpoints import CallScriptAdmin, EndpointAdmin, SecretAdmin
from .traffic import EndpointHourAdmin

__all__ = [
    "CallScriptAdmin",
    "DeliveryAdmin",
    "EndpointAdmin",
    "EndpointHourAdmin",
    "SecretAdmin",
]
