"""Rows for service numbers and agents that were heard of; what people wrote on them stays."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils.timezone import now

from calls.keys import agent_key, service_number_key
from calls.models import Agent, Call, ServiceNumber
from calls.upsert import insert_new

Numbers = Iterable[tuple[UUID, str]]  # (account, number)


def service_numbers(heard: Numbers) -> None:
    _insert_unknown(ServiceNumber, {service_number_key(*one): one for one in heard})


def agents(heard: Mapping[tuple[UUID, str], str]) -> None:
    """(account, number) → a name that a call gives them. The newest call that gives one counts."""
    keys = {agent_key(*one): one for one in heard}
    _insert_unknown(Agent, keys)
    known = Agent.objects.filter(id__in=keys).values_list("id", "heard_name")
    renamed = [key for key, name in known if heard[keys[key]] not in ("", name)]
    if not renamed:
        return
    named = Call.objects.filter(agent_number=OuterRef("number"), account=OuterRef("account_id"))
    newest = named.exclude(agent_name="").order_by("-begun_at", "-id").values("agent_name")[:1]
    Agent.objects.filter(id__in=renamed).update(heard_name=Subquery(newest))


def _insert_unknown(model, keys: Mapping[UUID, tuple[UUID, str]]) -> None:
    known = set(model.objects.filter(id__in=keys).values_list("id", flat=True))
    rows = [
        model(id=key, account_id=account, number=number, created_at=now())
        for key, (account, number) in keys.items()
        if key not in known
    ]
    insert_new(rows, using=connection.alias)
