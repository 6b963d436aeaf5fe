"""Who may read what: a key by its scopes, a person by the permissions that the admin asks for."""

from rest_framework.permissions import BasePermission

from calls.models import ApiKey

# What a person needs for what a scope opens.
_PERMISSION_FOR = {
    "calls:read": "calls.view_call",
    "recordings:read": "calls.view_recording",
    "deliveries:read": "webhooks.view_delivery",
}


def allows(request, scope: str) -> bool:
    if isinstance(request.auth, ApiKey):
        return scope in request.auth.scopes
    return request.user.is_staff and request.user.has_perm(_PERMISSION_FOR[scope])


class HasScope(BasePermission):
    """The view's `scope`."""

    def has_permission(self, request, view):
        self.message = f"This needs the scope {view.scope}."
        return allows(request, view.scope)


def may_hear(request) -> bool:
    """Are addresses of recordings theirs to read? Whoever has one can mostly play it."""
    if isinstance(request.auth, ApiKey):
        return allows(request, "recordings:read")
    return allows(request, "recordings:read") and request.user.has_perm("calls.play_recording")


def sees_numbers(request) -> bool:
    """Are full telephone numbers theirs to read? A key has been given for reading them."""
    return isinstance(request.auth, ApiKey) or request.user.has_perm("calls.see_full_numbers")
