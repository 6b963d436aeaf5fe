"""Figures by account, agent, service number and source, as rows of a table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Value

from calls.keys import agent_key, service_number_key
from calls.masking import without_numbers
from calls.models import Account, Agent, ServiceNumber
from calls.tallies import Figures

from .call_links import calls_url
from .days import Span

Key = tuple[UUID, str]  # account, number
Part = tuple[UUID, str, Figures]  # account, number, figures


def _known(row):
    """There is such a row, though not all of it was read."""
    row._state.adding = False
    return row


class Names:
    """What accounts, service numbers and agents are called, in one query."""

    def __init__(self, services: Iterable[Key], agents: Iterable[Key]):
        services = {service_number_key(*key) for key in services if key[1]}
        agents = {agent_key(*key) for key in agents if key[1]}
        found = Account.objects.order_by().values_list(
            Value("account"), "id", "id", "provider", "name", Value(""), Value("")
        )
        if services:
            rows = ServiceNumber.objects.filter(pk__in=services).order_by()
            columns = ("id", "account_id", "number", "label", "source", "campaign")
            found = found.union(rows.values_list(Value("service"), *columns), all=True)
        if agents:
            rows = Agent.objects.filter(pk__in=agents).order_by()
            columns = ("id", "account_id", "number", "name", "heard_name", Value(""))
            found = found.union(rows.values_list(Value("agent"), *columns), all=True)
        self.accounts: dict[UUID, Account] = {}
        self._services: dict[UUID, ServiceNumber] = {}
        self._agents: dict[UUID, Agent] = {}
        for kind, *row in found:
            self._keep(kind, *row)

    def _keep(self, kind, id, account, text, name, second, third):
        if kind == "account":
            self.accounts[id] = Account(id=id, provider=text, name=name)
        elif kind == "service":
            self._services[id] = _known(
                ServiceNumber(id, account, text, label=name, source=second, campaign=third)
            )
        else:
            self._agents[id] = _known(Agent(id, account, text, name=name, heard_name=second))

    def service(self, account: UUID, number: str) -> ServiceNumber:
        key = service_number_key(account, number)
        return self._services.get(key) or ServiceNumber(id=key, account_id=account, number=number)

    def agent(self, account: UUID, number: str) -> Agent:
        key = agent_key(account, number)
        return self._agents.get(key) or Agent(id=key, account_id=account, number=number)


@dataclass(slots=True)
class Row:
    """One line of a breakdown. `number` is shown as the viewer may see it, `name` to everybody."""

    name: str
    number: str
    figures: Figures
    span: Span
    filters: dict  # None: no list counts just these
    share: str = "0%"  # of the most calls in the table
    account: str = ""  # or its provider, where the row is an account
    known: UUID | None = None  # a service number that has a row where it can be named
    rows: list["Row"] = field(default_factory=list)

    @property
    def calls_url(self) -> str:
        return self._url()

    @property
    def answered_url(self) -> str:
        return self._url(outcome="answered")

    @property
    def missed_url(self) -> str:
        return self._url(outcome="missed")

    @property
    def _source(self) -> str:
        return (self.filters or {}).get("source", "")

    def _url(self, **more) -> str:
        if self.filters is None or self._source != without_numbers(self._source):
            return ""
        return calls_url(self.span.start, self.span.end, **self.filters, **more)

    @property
    def rate(self) -> str:
        return percent(self.figures.answer_rate)


def percent(share: float | None) -> str:
    """87 %; "–" where nothing was to be answered."""
    return "–" if share is None else f"{share * 100:.0f} %"


def by_account(parts: list[Part], names: Names, span: Span) -> list[Row]:
    rows = []
    for key, _, figures in parts:
        account = names.accounts[key]
        rows.append(Row(account.name, "", figures, span, {"account": key}))
        rows[-1].account = account.get_provider_display()
    return with_shares(rows)


def by_agent(parts: list[Part], names: Names, span: Span) -> list[Row]:
    rows = []
    for account, number, figures in parts:
        agent = names.agent(account, number)
        rows.append(Row(agent.known_as, number, figures, span, {"agent": agent.pk}))
    return with_shares(rows)


def by_service_number(parts: list[Part], names: Names, span: Span) -> list[Row]:
    rows = []
    for account, number, figures in parts:
        service = names.service(account, number)
        rows.append(Row(service.label, number, figures, span, {"service_number": service.pk}))
    return with_shares(rows)


def by_source(parts: list[Part], names: Names, span: Span) -> list[Row]:
    """Numbers without a source come last, under a name that says so."""
    found: dict[str, Figures] = {}
    for account, number, figures in parts:
        source = names.service(account, number).source
        found[source] = found.get(source, Figures()) + figures
    ordered = sorted(found.items(), key=lambda one: (not one[0], -one[1].calls, one[0]))
    return with_shares(
        Row(source or "No source yet", "", figures, span, {"source": source} if source else None)
        for source, figures in ordered
    )


def with_shares(rows: Iterable[Row]) -> list[Row]:
    """Each row's bar against the longest one."""
    rows = list(rows)
    most = max((row.figures.calls for row in rows), default=0)
    for row in rows:
        row.share = f"{row.figures.calls / most * 100:.1f}%" if most else "0%"
    return rows
