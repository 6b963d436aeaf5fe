"""`Authorization: Bearer <key>`."""

import logging
from datetime import timedelta
from hashlib import blake2b

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils.timezone import now
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed, Throttled

from calls import api_keys
from calls.models import ApiKey
from calltrack.addresses import address_to_throttle
from calltrack.api.throttles import MINUTE, shared
from calltrack.login import is_wholly_in

logger = logging.getLogger(__name__)

USE_NOTED_EVERY = timedelta(minutes=1)
KNOWN_FOR = 3600  # seconds after its last use that a right key is remembered with its address


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
        key = key_of(request, text.strip())
        return IntegrationUser(key), key

    def authenticate_header(self, request):
        return "Bearer"


class PersonAuthentication(SessionAuthentication):
    """Somebody logged in; one who has a second factor but did not show it is a stranger."""

    def authenticate(self, request):
        found = super().authenticate(request)
        return found if found and is_wholly_in(found[0]) else None


def key_of(request, text: str) -> ApiKey:
    """The live key that a request came with; its use is noted. Raises AuthenticationFailed, and
    Throttled where too many unknown keys came from that address: then only a key that has come in
    from there before is looked up at all, so that guessing ends and a neighbour goes on."""
    address, limit = address_to_throttle(request), settings.API_RATES["unknown_keys"]
    guesses = f"guesses {address}"
    known = f"known {address} {blake2b(text.encode(), digest_size=16).hexdigest()}"
    if limit:
        so_far = shared().look(guesses)
        if so_far.count >= limit and not shared().look(known).count:
            raise Throttled(so_far.ends_in)
    key = api_keys.find(text)
    if key is None:
        if limit:
            shared().add(guesses, MINUTE)
        raise AuthenticationFailed(api_keys.why_refused(text))
    if limit:
        shared().add(known, KNOWN_FOR, prolong=True)
    note_use(key)
    return key


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
