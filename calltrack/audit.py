"""The only writer of the audit log."""

from calltrack.addresses import client_address
from calltrack.models import AuditEntry


def record(request, action, *, object_type="", object_id="", **details):
    """Write down who did what, to what, and from where. `action` is an AuditEntry.Action;
    `details` is JSON and holds no number, token or address of a recording."""
    user = request.user
    return AuditEntry.objects.create(
        user=user if user.pk else None,  # an integration is nobody's account
        username=user.get_username(),
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        details=details,
        address=client_address(request),
    )
