"""Service numbers and agents for tests, with the keys that the ledger would give them."""

from calls import keys
from calls.models import Agent, ServiceNumber


def service_number(account, number, **columns):
    key = keys.service_number_key(account.id, number)
    return ServiceNumber.objects.update_or_create(
        id=key, defaults={"account": account, "number": number, **columns}
    )[0]


def agent(account, number, **columns):
    key = keys.agent_key(account.id, number)
    return Agent.objects.update_or_create(
        id=key, defaults={"account": account, "number": number, **columns}
    )[0]
