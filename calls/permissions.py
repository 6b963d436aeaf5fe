"""Who may read what: a key by its scopes, a person by the permissions that the admin asks for."""

from rest_framework.permissions import SAFE_METHODS, BasePermission

from calls.models import ApiKey

# What a person needs for what a scope opens.
_PERMISSION_FOR = {
    "calls:read": "calls.view_call",
    "recordings:read": "calls.view_recording",
    "deliveries:read": "webhooks.view_delivery",
    "numbers:full": "calls.see_full_numbers",
    "annotations:write": "calls.annotate_call",
    "export": "calls.export_call",
    "webhooks:write": "webhooks.change_subscription",
}


def allows(request, scope: str) -> bool:
    if isinstance(request.auth, ApiKey):
        return scope in request.auth.integration.scopes
    return request.user.is_staff and request.user.has_perm(_PERMISSION_FOR[scope])


class HasScope(BasePermission):
    """The view's `scope` for reading, its `write_scope` for anything else. Whoever came in hears
    405 of a method that is not there, whatever their scopes."""

    def has_permission(self, request, view):
        if not hasattr(view, request.method.lower()):
            return request.user.is_authenticated
        scope = view.scope if request.method in SAFE_METHODS else view.write_scope
        self.message = f"This needs the scope {scope}."
        return allows(request, scope)


def who(request) -> str:
    """Who is asking: all keys of an integration are one, a person is another."""
    if isinstance(request.auth, ApiKey):
        return f"integration {request.auth.integration_id}"
    return f"person {request.user.pk}"


def may_hear(request) -> bool:
    """Are addresses of recordings theirs to read? Whoever has one can mostly play it."""
    if isinstance(request.auth, ApiKey):
        return allows(request, "recordings:read")
    return allows(request, "recordings:read") and request.user.has_perm("calls.play_recording")


def sees_numbers(request) -> bool:
    """Are full telephone numbers theirs to read?"""
    return allows(request, "numbers:full")
