"""What a new installation begins with: an admin user, and an endpoint for each provider."""

import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction

from calls.choices import Provider
from webhooks import endpoints
from webhooks.models import Endpoint, Secret
from webhooks.simulator.accounts import ACCOUNT_IDS

ADMIN = "admin"


@dataclass(frozen=True)
class NewEndpoint:
    provider: str
    path: str


@transaction.atomic
def create_what_is_missing(*, freeclimb_account="", freeclimb_secret=""):
    """Return the admin's password (or None), the endpoints made, and what could not be done.
    Raises Refused."""
    password = None
    if not get_user_model().objects.exists():
        password = secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser(ADMIN, password=password)
    if Endpoint.objects.exists():
        return password, [], complete_freeclimb(freeclimb_account, freeclimb_secret)
    signing = [freeclimb_secret] if freeclimb_secret else []
    freeclimb = new_endpoint(
        Provider.FREECLIMB, provider_account_id=freeclimb_account, secrets=signing
    )
    return password, [freeclimb, new_endpoint(Provider.CALLERDESK)], ""


def new_endpoint(provider, **options):
    endpoint, token = endpoints.create_endpoint(
        provider=provider.value, account=provider.label, **options
    )
    return NewEndpoint(provider.label, endpoints.endpoint_path(endpoint, token))


def complete_freeclimb(provider_account_id, secret):
    """What the first start was not told; only where it is clear which endpoint is meant. Return a
    line about what was left undone, or "": a server that ran before must start again."""
    ours = Endpoint.objects.filter(account__provider=Provider.FREECLIMB).exclude(
        account__provider_account_id__in=ACCOUNT_IDS.values()
    )
    if Secret.objects.filter(endpoint__in=ours, kind=Secret.Kind.SIGNING, value=secret).exists():
        secret = ""
    if ours.filter(account__provider_account_id=provider_account_id).exists():
        provider_account_id = ""
    if not (provider_account_id or secret):
        return ""
    found = ours.filter(active=True)
    if len(found) != 1:
        return f"FreeClimb's options are left aside: there are {len(found)} endpoints of FreeClimb"
    if provider_account_id:
        endpoints.set_provider_account_id(found[0].account, provider_account_id)
    if secret:
        endpoints.add_signing_secret(found[0], secret)
    return ""


def waiting_for_a_secret():
    """FreeClimb endpoints that refuse everything, having nothing to check a signature with."""
    signing = Secret.objects.filter(kind=Secret.Kind.SIGNING).values("endpoint")
    return Endpoint.objects.filter(
        account__provider=Provider.FREECLIMB, active=True, allow_unsigned=False
    ).exclude(id__in=signing)


def without_account_id():
    """FreeClimb endpoints that take any account's webhooks, as long as their signature is right."""
    return Endpoint.objects.filter(
        account__provider=Provider.FREECLIMB, active=True, account__provider_account_id=""
    )
