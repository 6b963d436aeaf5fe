"""The simulator's own accounts and endpoints: made, found again, removed with all they hold."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from time import sleep

from django.db import models, transaction

from calls.choices import Provider
from calls.feed.notes import KINDS, Changes
from calls.models import (
    Account,
    Agent,
    Call,
    CallChange,
    CallDisposition,
    CallNote,
    CallTag,
    Conference,
    Leg,
    MissedCustomer,
    Participant,
    Recording,
    ServiceNumber,
    Tally,
)
from webhooks import admission, endpoints
from webhooks.models import CallScript, Delivery, Endpoint, EndpointHour, Secret

from .delivery import Target

LABEL = "Simulator"
# Ids that no provider gives out: by these the accounts are known, whatever they are called.
ACCOUNT_IDS = {
    Provider.FREECLIMB: "AC" + hashlib.sha256(b"calltrack simulator").hexdigest()[:40],
    Provider.CALLERDESK: "calltrack-simulator",
}
BATCH = 500  # rows deleted in one transaction

# What FreeClimb asks for when a call goes on; without an answer each would be flagged.
_ASKS = (
    *("inboundCall", "getDigits", "getSpeech", "redirect", "record", "transcribe"),
    *("outDialApiConnect", "outDialStart", "outDialConnect", "machineDetected"),
    *("createConference", "leaveConference", "callControl"),
    *("queueWait", "dequeue", "removeFromQueueNotification"),
)
_PERCL = [{"Pause": {"length": 1000}}]


@dataclass(frozen=True, slots=True)
class Own:
    endpoint: Endpoint
    target: Target
    token: str

    def give_back(self) -> None:
        """The token ends; the endpoint stays for the next time."""
        value = admission.hash_token(self.token)
        self.endpoint.secrets.filter(kind=Secret.Kind.TOKEN, value=value).delete()
        admission.forget()


@transaction.atomic
def own(provider: str) -> Own:
    """The simulator's endpoint of that provider, with a token for one run. Two can be live: of a
    third run at the same time the first one would be shut out."""
    account_id = ACCOUNT_IDS[Provider(provider)]
    endpoint = (
        Endpoint.objects.select_related("account")
        .filter(account__provider=provider, account__provider_account_id=account_id, active=True)
        .order_by("created_at")
        .first()
    )
    if endpoint is None:
        signed = provider == Provider.FREECLIMB
        endpoint, token = endpoints.create_endpoint(
            provider=provider,
            account=f"{LABEL} ({Provider(provider).label})",
            provider_account_id=account_id,
            label=LABEL,
            secrets=[f"sigsec_{secrets.token_hex(20)}"] if signed else [],
        )
        if signed:
            CallScript.objects.bulk_create(
                CallScript(endpoint=endpoint, request_type=name, percl=_PERCL) for name in _ASKS
            )
    else:
        token = endpoints.new_token(endpoint)
    signing = endpoints.signing_secrets(endpoint)
    path = endpoints.endpoint_path(endpoint, token)
    return Own(endpoint, Target(path, signing[0] if signing else None), token)


def accounts() -> list[Account]:
    """The simulator's accounts that exist."""
    return [
        account
        for provider, account_id in ACCOUNT_IDS.items()
        for account in Account.objects.filter(provider=provider, provider_account_id=account_id)
    ]


def remove(progress: Callable[[str, int], None]) -> dict[str, int]:
    """Delete the simulator's accounts and all that hangs on them, in batches: safe to interrupt and
    run again. Tells `progress` (what, how many more); returns rows deleted by what they were."""
    deleted: dict[str, int] = {}
    found = accounts()
    if Endpoint.objects.filter(account__in=found, active=True).update(active=False):
        admission.forget()
        sleep(admission.LIFE)  # other processes know of it then: nothing more comes in
    for account in found:
        for rows in (
            CallNote.objects.filter(call__account=account),
            CallTag.objects.filter(call__account=account),
            CallDisposition.objects.filter(call__account=account),
            CallChange.objects.filter(call__account=account),
            Participant.objects.filter(conference__account=account),
            Recording.objects.filter(account=account),
            Conference.objects.filter(account=account),
            Leg.objects.filter(call__account=account),
            Call.objects.filter(account=account),
            Delivery.objects.filter(endpoint__account=account),
            EndpointHour.objects.filter(endpoint__account=account),
            Tally.objects.filter(account=account),
            MissedCustomer.objects.filter(account=account),
            ServiceNumber.objects.filter(account=account),
            Agent.objects.filter(account=account),
            Endpoint.objects.filter(account=account),
            Account.objects.filter(id=account.id),
        ):
            _delete(rows, deleted, progress)
    return deleted


def _delete(
    rows: models.QuerySet, deleted: dict[str, int], progress: Callable[[str, int], None]
) -> None:
    name = str(rows.model._meta.verbose_name_plural)
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            doomed = rows.model.objects.filter(pk__in=batch)
            changes = Changes()
            if rows.model in KINDS:
                changes.erased(rows.model, doomed.values_list("pk", "revision"))
            doomed.delete()
            changes.save()
        deleted[name] = deleted.get(name, 0) + len(batch)
        progress(name, len(batch))
