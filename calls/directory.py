"""What people call our service numbers and agents, for a page of calls: two queries, not two per
row."""

from collections.abc import Iterable
from uuid import UUID

from .models import Agent, Call, ServiceNumber

Key = tuple[UUID, str]  # account, number


def rows_by_number(model, numbers: Iterable[Key]) -> dict[Key, ServiceNumber | Agent]:
    """Of these numbers those that have a row, in one query."""
    wanted = {key for key in numbers if key[1]}
    if not wanted:
        return {}
    found = of_numbers(model, wanted)
    return {key: row for row in found if (key := (row.account_id, row.number)) in wanted}


def of_numbers(model, wanted: set[Key]):
    """At least their rows; an account may have a number that was asked for with another one."""
    return model.objects.filter(
        account__in={account for account, _ in wanted}, number__in={number for _, number in wanted}
    )


class Directory:
    """The names that a number of calls (and legs' numbers of the same accounts) need."""

    def __init__(self, calls: Iterable[Call], numbers: Iterable[Key] = ()):
        """`numbers`: further (account id, number) of agents."""
        calls = list(calls)
        services = {(call.account_id, call.service_number) for call in calls}
        agents = {(call.account_id, call.agent_number) for call in calls}
        self._services = rows_by_number(ServiceNumber, services)
        self._agents = rows_by_number(Agent, {*agents, *numbers})

    def service_number(self, call: Call) -> ServiceNumber | None:
        return self._services.get((call.account_id, call.service_number))

    def agent(self, account: UUID, number: str) -> Agent | None:
        return self._agents.get((account, number))

    def agent_name(self, call: Call) -> str:
        """What we call them, else what the provider does; "" if nobody has a name for them."""
        agent = self.agent(call.account_id, call.agent_number)
        return (agent and agent.name) or call.agent_name or (agent.known_as if agent else "")
