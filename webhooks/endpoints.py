"""Endpoints and their secrets: made, changed, found by token, rotated.

A change holds at once in the process that made it, in others within a second: see admission.py.
"""

import re
import secrets as random
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from django.db import transaction
from django.db.models import Q

from calls.choices import Provider
from calls.keys import account_key
from calls.models import Account

from . import admission
from .models import Endpoint, Secret
from .providers.values import storable

LIVE_AT_ONCE = 2  # of each kind: the old one and the new one

# Where a provider's customers are, unless told otherwise: (region, time zone).
HOME = {Provider.FREECLIMB: ("US", "UTC"), Provider.CALLERDESK: ("IN", "Asia/Kolkata")}


class Refused(ValueError):
    """What was asked for cannot be; the text says why."""


@transaction.atomic
def create_endpoint(
    *,
    provider: str,
    account: str,
    provider_account_id: str = "",
    label: str = "",
    region: str = "",
    time_zone: str = "",
    secrets: Sequence[str] = (),
    allow_unsigned: bool = False,
    endpoint_id: UUID | None = None,
) -> tuple[Endpoint, str]:
    """An endpoint of the account of that name (made if new) and its token, told only here.

    `region` is an ISO 3166 code, `time_zone` an IANA name. `endpoint_id` is given by
    who must not make two of it by asking twice. Raises Refused.
    """
    if endpoint_id and Endpoint.objects.filter(pk=endpoint_id).exists():
        raise Refused("this endpoint was made already")
    if provider not in Provider.values:
        raise Refused(f"provider must be one of {', '.join(Provider.values)}")
    account = checked(account, "the account's name", 100)
    label = checked(label, "the label", 100) if label else ""
    if provider_account_id:
        provider_account_id = checked(provider_account_id, "the provider's account id", 255)
    home_region, home_zone = HOME[Provider(provider)]
    region = check_region(region or home_region)
    time_zone = check_time_zone(time_zone or home_zone)
    owner = Account.objects.filter(provider=provider, name=account).first()
    if owner is None:
        key = account_key(provider, provider_account_id or account)
        if other := Account.objects.filter(id=key).first():
            raise Refused(f"that account exists already under the name {other.name!r}")
        owner = Account.objects.create(
            id=key,
            provider=provider,
            provider_account_id=provider_account_id,
            name=account,
            region=region,
            time_zone=time_zone,
        )
    elif provider_account_id:
        set_provider_account_id(owner, provider_account_id)
    endpoint = Endpoint.objects.create(
        id=endpoint_id or uuid4(),
        account=owner,
        label=label,
        region=region,
        time_zone=time_zone,
        allow_unsigned=allow_unsigned,
    )
    for secret in secrets:
        add_signing_secret(endpoint, secret)
    return endpoint, new_token(endpoint)


def checked(text: str, name: str, limit: int) -> str:
    """The text, trimmed. Raises Refused where a column would not take it."""
    text = text.strip()
    if not text or len(text) > limit or storable(text) != text:
        raise Refused(f"{name} must have 1 to {limit} characters that can be stored")
    return text


def set_provider_account_id(account: Account, provider_account_id: str) -> None:
    """Tell an account its id at the provider, once; our own id of it stays. Raises Refused."""
    if account.provider_account_id == provider_account_id:
        return
    if account.provider_account_id:
        raise Refused(f"account {account.name!r} has the id {account.provider_account_id}")
    account.provider_account_id = checked(provider_account_id, "the provider's account id", 255)
    account.save(update_fields=["provider_account_id"])
    admission.forget()


def change(endpoint: Endpoint, **values) -> list[str]:
    """Change what people may set; the names of what differs now. The values are checked already."""
    changed = [name for name, value in values.items() if getattr(endpoint, name) != value]
    for name in changed:
        setattr(endpoint, name, values[name])
    if changed:
        endpoint.save(update_fields=changed)
        admission.forget()
    return changed


def set_recording_hosts(account: Account, hosts: Iterable[str]) -> bool:
    """The hosts whose recordings are played in pages; none: the provider's own. Raises Refused."""
    wanted = sorted({check_host(host) for host in hosts})
    if wanted == account.recording_hosts:
        return False
    account.recording_hosts = wanted
    account.save(update_fields=["recording_hosts"])
    return True


def check_host(text: str) -> str:
    """A host's name in small letters: it ends up in a page's policy, so nothing else may."""
    host = text.strip().lower()
    label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    if len(host) > 253 or not re.fullmatch(rf"(?:{label}\.)+[a-z][a-z0-9-]*[a-z0-9]", host):
        raise Refused(f"{host[:80]!r} is no name of a host: recordings.example.com, no https://")
    return host


def check_region(region: str) -> str:
    region = region.strip().upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise Refused(f"{region!r} is no region that we know: an ISO 3166 code such as IN or US")
    return region


def check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(f"{name!r} is no time zone: a name such as Asia/Kolkata") from error
    return name


def endpoint_path(endpoint: Endpoint, token: str) -> str:
    return f"/webhooks/{endpoint.provider}/{token}/"


def by_token(provider: str, token: str) -> Endpoint | None:
    """The active endpoint that a request's path names, with its account."""
    found = admission.read(provider, token)
    return found.endpoint if found else None


def find(text: str) -> Endpoint:
    """The endpoint with that id, or the only one with that label or account. Raises Refused."""
    endpoints = Endpoint.objects.select_related("account")
    try:
        found = endpoints.filter(id=UUID(text))
    except ValueError:
        name = storable(text)  # what is not makes a query fail
        found = endpoints.filter(Q(label=name) | Q(account__name=name))
    if len(found) != 1:
        raise Refused(f"{len(found) or 'no'} endpoints are named {text!r}: use an endpoint's id")
    return found[0]


def signing_secrets(endpoint: Endpoint) -> list[str]:
    return [secret.value for secret in admission.live_signing(endpoint)]


def new_token(endpoint: Endpoint, *, after: UUID | None = None) -> str:
    """A further token. Of more than two the oldest ends. `after` is the newest that the asker knows
    of: asked twice by mistake, it ends none that is in use. Raises Refused."""
    if after and after not in {secret.pk for secret in _live(endpoint, Secret.Kind.TOKEN)[:1]}:
        raise Refused("there is a newer token already: look again before you make another one")
    token = random.token_urlsafe(24)  # 192 bits
    _add(endpoint, Secret.Kind.TOKEN, admission.hash_token(token), token)
    for old in _live(endpoint, Secret.Kind.TOKEN)[LIVE_AT_ONCE:]:
        _end(old)
    return token


def drop(endpoint: Endpoint, key: UUID) -> Secret:
    """End a token or signing secret that is out of use. Raises Refused."""
    secret = endpoint.secrets.filter(pk=key).first()
    if secret is None:
        raise Refused("it was dropped already")
    if len(_live(endpoint, secret.kind)) == 1:
        raise Refused("it is the only one: add a new one first, or switch the endpoint off")
    _end(secret)
    return secret


def add_signing_secret(endpoint: Endpoint, value: str) -> None:
    """Two at most, as at the provider: the old one is dropped by hand when it is out of use."""
    value = value.strip()
    if endpoint.provider != Provider.FREECLIMB:
        raise Refused(f"{endpoint.account.get_provider_display()} does not sign its requests")
    if not re.fullmatch(r"sigsec_[!-~]{16,240}", value):
        raise Refused("a signing secret is sigsec_ and 40 hexadecimal digits: copy it whole")
    live = _live(endpoint, Secret.Kind.SIGNING)
    if any(secret.value == value for secret in live):
        return
    if len(live) >= LIVE_AT_ONCE:
        raise Refused("there are two signing secrets already: drop one first")
    _add(endpoint, Secret.Kind.SIGNING, value, value)


def drop_signing_secret(endpoint: Endpoint, value: str) -> None:
    """`value` is the secret, or its last four characters."""
    found = [
        secret
        for secret in _live(endpoint, Secret.Kind.SIGNING)
        if value in (secret.value, secret.hint)
    ]
    if len(found) != 1:
        raise Refused("no one signing secret of this endpoint is that")
    _end(found[0])


def _live(endpoint: Endpoint, kind: str) -> list[Secret]:
    return list(endpoint.secrets.filter(kind=kind).order_by("-created_at", "-id"))


def _add(endpoint: Endpoint, kind: str, value: str, shown: str) -> None:
    Secret.objects.create(endpoint=endpoint, kind=kind, value=value, hint=shown[-4:])
    admission.forget()


def _end(secret: Secret) -> None:
    secret.delete()
    admission.forget()
