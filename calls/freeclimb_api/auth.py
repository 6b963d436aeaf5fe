"""HTTP Basic: the user is the FreeClimb account's id, the password an API key of ours."""

import base64
import binascii

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

from calls.authentication import IntegrationUser, key_of
from calls.choices import Provider
from calls.models import Account, ApiKey
from calls.permissions import allows

from .errors import REALM


class AccountUser(IntegrationUser):
    """Who reads an account with a key."""

    def __init__(self, key: ApiKey, account: Account):
        super().__init__(key)
        self.account = account


class BasicAuthentication(BaseAuthentication):
    def authenticate(self, request):
        """(AccountUser, ApiKey); None without such a header."""
        scheme, _, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"basic":
            return None
        name, password = _credentials(text)
        key = key_of(request, password)
        # A key is not bound to an account: it opens the one that is named, as it does /api/v1.
        account = _account(name)
        if account is None:
            raise AuthenticationFailed("No FreeClimb account of this id is known here.")
        return AccountUser(key, account), key

    def authenticate_header(self, request):
        return REALM


class MayRead(BasePermission):
    """The account of the address is the one of the credentials, the key has the view's scope, and
    nothing is to be written: that is refused after the credentials, before anything else."""

    def has_permission(self, request, view):
        if not isinstance(request.auth, ApiKey):
            return False
        if request.method not in SAFE_METHODS:
            raise MethodNotAllowed(request.method, "This is a record of calls: read-only.")
        named = view.kwargs.get("account_id")
        if named is not None and named != request.user.account.provider_account_id:
            raise PermissionDenied("The account is not the one of the credentials.")
        self.message = f"This needs the scope {view.scope}."
        return allows(request, view.scope)


def _credentials(text: bytes) -> tuple[str, str]:
    try:
        plain = base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise AuthenticationFailed("The credentials cannot be read.") from None
    name, colon, password = plain.partition(":")
    if not colon:
        raise AuthenticationFailed("The credentials cannot be read.")
    return name, password


def _account(name: str) -> Account | None:
    if not name or "\x00" in name:
        return None
    known = Account.objects.filter(provider=Provider.FREECLIMB, provider_account_id=name)
    return known.order_by("created_at", "id").first()
