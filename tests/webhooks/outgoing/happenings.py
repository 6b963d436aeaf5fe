"""Calls that happen, written by the ledger as after a webhook. Numbers are invented."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.db import transaction

from calls import ledger
from calls.choices import Direction, Status, Strength
from calls.facts import CallFact, Claim, Number, StatusWord, micros
from calls.keys import account_key, call_key
from calls.models import Account

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ACCOUNT = account_key("freeclimb", "AC1")
# What is said of a call, one after the other, and the event that comes of it.
STORY = {
    "call.started": {"status": StatusWord(False, Status.RINGING, "ringing")},
    "call.answered": {"status": StatusWord(False, Status.IN_PROGRESS, "inProgress")},
    "call.finalized": {"status": StatusWord(True, Status.COMPLETED, "completed")},
    "call.changed": {"duration_seconds": 42},
}


def make_account():
    return Account.objects.get_or_create(
        id=ACCOUNT,
        defaults={"provider": "freeclimb", "name": "Main", "provider_account_id": "AC1"},
    )[0]


def name_of(number):
    return f"CA{number:040d}"


def id_of(number):
    return call_key(ACCOUNT, name_of(number))


def fact(number, *steps):
    """What is said of the call with this number at these steps of its story, in one delivery."""
    stated = {name: value for step in steps for name, value in STORY[step].items()}
    place = max(list(STORY).index(step) for step in steps)
    strength = Strength.FINAL if place >= 2 else Strength.PROGRESS
    caller = f"+1312555{number % 10_000:04d}"
    return CallFact(
        call_id=name_of(number),
        claim=Claim(strength, micros(NOON + timedelta(seconds=10 * place)), stage=place),
        direction=Direction.INBOUND,
        from_number=Number(caller, caller),
        to_number=Number("+13125550100", "+13125550100"),
        **stated,
    )


def happen(*facts):
    """In one transaction."""
    saying = ledger.Saying(
        account=ACCOUNT, provider="freeclimb", delivery=uuid4(), received_at=NOON, facts=facts
    )
    with transaction.atomic():
        ledger.record([saying])
