"""`Authorization: Bearer <key>`."""

import logging
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils.timezone import now
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed

from calls import api_keys
from calls.models import ApiKey
from calltrack.login import is_wholly_in

logger = logging.getLogger(__name__)

USE_NOTED_EVERY = timedelta(minutes=1)


class IntegrationUser(AnonymousUser):
    """`request.user` of a request with a key: nobody's account, yet somebody. The key is
    `request.auth`."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, key: ApiKey):
        self.username = key.integration.name


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        """(IntegrationUser, ApiKey); None where no bearer key was sent."""
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = api_keys.find(text.strip())
        if key is None:
            raise AuthenticationFailed("Unknown or inactive API key.")
        note_use(key)
        return IntegrationUser(key), key

    def authenticate_header(self, request):
        return "Bearer"


class PersonAuthentication(SessionAuthentication):
    """Somebody logged in; one who has a second factor but did not show it is a stranger."""

    def authenticate(self, request):
        found = super().authenticate(request)
        return found if found and is_wholly_in(found[0]) else None


def note_use(key: ApiKey) -> None:
    moment = now()
    if key.last_used_at and key.last_used_at > moment - USE_NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=moment - USE_NOTED_EVERY)
    try:
        with transaction.atomic():
            ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=moment)
    except OperationalError as error:  # a busy database must not keep a reader out
        logger.warning("use of key %s not noted: %s", key.prefix, error)
