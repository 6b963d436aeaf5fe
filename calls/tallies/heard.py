"""Rows for service numbers and agents that were heard of; what people wrote on them stays."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils.timezone import now

from calls.directory import rows_by_number
from calls.models import Agent, Call, ServiceNumber
from calls.upsert import insert_new

Numbers = Iterable[tuple[UUID, str]]  # (account, number)


def service_numbers(heard: Numbers) -> None:
    _insert_unknown(ServiceNumber, set(heard))


def agents(heard: Mapping[tuple[UUID, str], str]) -> None:
    """(account, number) → a name that a call gives them. The newest call that gives one counts."""
    known = _insert_unknown(Agent, set(heard))
    renamed = [row.pk for key, row in known.items() if heard[key] not in ("", row.heard_name)]
    if not renamed:
        return
    named = Call.objects.filter(agent_number=OuterRef("number"), account=OuterRef("account_id"))
    newest = named.exclude(agent_name="").order_by("-begun_at", "-id").values("agent_name")[:1]
    Agent.objects.filter(id__in=renamed).update(heard_name=Subquery(newest))


def _insert_unknown(model, numbers: set[tuple[UUID, str]]) -> dict:
    """Who counts is alone, but people add numbers too: whoever was first stays."""
    known = rows_by_number(model, numbers)
    rows = [
        model(account_id=account, number=number, created_at=now())
        for account, number in numbers - known.keys()
    ]
    if insert_new(rows, using=connection.alias):
        known = rows_by_number(model, numbers)
    return known
