"""How a request says who asks: a key, or the session of somebody logged in."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.permissions import SAFE_METHODS


class _WithScope(OpenApiAuthenticationExtension):
    def get_security_requirement(self, auto_schema):
        """OpenAPI 3.1 lets any scheme name what it needs to be allowed, not OAuth's alone."""
        scope = scope_of(auto_schema.view, auto_schema.method)
        return {self.name: [scope] if scope else []}


class KeyScheme(_WithScope):
    target_class = "calls.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key: `Authorization: Bearer ct_…`. What it opens is decided by "
            "the scopes of its integration.",
        }


class SessionScheme(_WithScope):
    target_class = "calls.authentication.PersonAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Somebody logged in to the desk, with the permissions that stand for "
            "the scopes. What is no GET wants the header `X-CSRFToken` too.",
        }


def scope_of(view, method: str) -> str | None:
    name = "scope" if method in SAFE_METHODS else "write_scope"
    return getattr(view, name, None)
