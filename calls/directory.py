"""What people call our service numbers and agents, for a page of calls: two queries, not two per
row."""

from collections.abc import Iterable
from uuid import UUID

from .keys import agent_key, service_number_key
from .models import Agent, Call, ServiceNumber


class Directory:
    """The names that a number of calls (and legs' numbers of the same accounts) need."""

    def __init__(self, calls: Iterable[Call], numbers: Iterable[tuple[UUID, str]] = ()):
        """`numbers`: further (account id, number) of agents."""
        calls = list(calls)
        services = {
            service_number_key(call.account_id, call.service_number)
            for call in calls
            if call.service_number
        }
        agents = {agent_key(call.account_id, call.agent_number) for call in calls}
        agents |= {agent_key(account, number) for account, number in numbers}
        self._services = ServiceNumber.objects.in_bulk(services)
        self._agents = Agent.objects.in_bulk(agents)

    def service_number(self, call: Call) -> ServiceNumber | None:
        return self._services.get(service_number_key(call.account_id, call.service_number))

    def agent(self, account: UUID, number: str) -> Agent | None:
        return self._agents.get(agent_key(account, number))

    def agent_name(self, call: Call) -> str:
        """What we call them, else what the provider does; "" if nobody has a name for them."""
        agent = self.agent(call.account_id, call.agent_number)
        return (agent and agent.name) or call.agent_name or (agent.known_as if agent else "")
