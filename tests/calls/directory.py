"""Service numbers and agents for tests, as counting makes them."""

from calls.models import Agent, ServiceNumber


def service_number(account, number, **columns):
    return ServiceNumber.objects.update_or_create(account=account, number=number, defaults=columns)[
        0
    ]


def agent(account, number, **columns):
    return Agent.objects.update_or_create(account=account, number=number, defaults=columns)[0]
