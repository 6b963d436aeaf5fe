"""Missed calls to return: one line per customer, for the home page and the list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from calls.models import Agent, MissedCustomer, ServiceNumber

from .breakdowns import Names
from .call_links import calls_url


def to_return(now: datetime | None = None) -> QuerySet[MissedCustomer]:
    """Who was first missed within the time that the settings name, oldest first."""
    since = (now or timezone.now()) - settings.RETURN_MISSED_WITHIN
    return MissedCustomer.objects.filter(first_missed_at__gte=since).order_by(
        "first_missed_at", "id"
    )


@dataclass(frozen=True, slots=True)
class Line:
    missed: MissedCustomer
    account: str
    service: ServiceNumber
    tried_by: list[Agent]

    @property
    def calls_url(self) -> str:
        """All calls with this customer."""
        return calls_url(customer=self.missed.last_call_id)


def numbers_of(rows: Iterable[MissedCustomer]):
    """The (account, number) of service numbers and of agents whose names the lines need."""
    services = [(row.account_id, row.service_number) for row in rows]
    agents = [(row.account_id, number) for row in rows for number in row.tried_by]
    return services, agents


def lines(rows: Iterable[MissedCustomer], names: Names) -> list[Line]:
    return [
        Line(
            missed=row,
            account=names.accounts[row.account_id].name,
            service=names.service(row.account_id, row.service_number),
            tried_by=[names.agent(row.account_id, number) for number in row.tried_by],
        )
        for row in rows
    ]
