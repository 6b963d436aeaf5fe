"""The door and the inbox as people see them."""

from .deliveries import DeliveryAdmin
from .endpoints import CallScriptAdmin, EndpointAdmin, SecretAdmin

__all__ = ["CallScriptAdmin", "DeliveryAdmin", "EndpointAdmin", "SecretAdmin"]
