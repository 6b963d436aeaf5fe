"""The door and the inbox as people see them."""

from . import call_page  # noqa: F401 – offers itself to the pages of calls
from .deliveries import DeliveryAdmin
from .endpoints import EndpointAdmin, SecretAdmin
from .scripts import CallScriptAdmin
from .traffic import EndpointHourAdmin

__all__ = [
    "CallScriptAdmin",
    "DeliveryAdmin",
    "EndpointAdmin",
    "EndpointHourAdmin",
    "SecretAdmin",
]
