"""Figures by account, agent, service number and source, as rows of a table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Value

from calls.directory import Key, of_numbers
from calls.masking import without_numbers
from calls.models import Account, Agent, ServiceNumber
from calls.tallies import Figures

from .call_links import calls_url
from .days import Span

Part = tuple[UUID, str, Figures]  # account, number, figures


def _known(row):
    """There is such a row, though not all of it was read."""
    row._state.adding = False
    return row


class Names:
    """What accounts, service numbers and agents are called, in one query."""

    def __init__(self, services: Iterable[Key], agents: Iterable[Key]):
        services = {key for key in services if key[1]}
        agents = {key for key in agents if key[1]}
        found = Account.objects.order_by().values_list(
            Value("account"), "id", "id", "provider", "name", Value(""), Value("")
        )
        if services:
            rows = of_numbers(ServiceNumber, services).order_by()
            columns = ("id", "account_id", "number", "label", "source", "campaign")
            found = found.union(rows.values_list(Value("service"), *columns), all=True)
        if agents:
            rows = of_numbers(Agent, agents).order_by()
            columns = ("id", "account_id", "number", "name", "heard_name", Value(""))
            found = found.union(rows.values_list(Value("agent"), *columns), all=True)
        self.accounts: dict[UUID, Account] = {}
        self._services: dict[Key, ServiceNumber] = {}
        self._agents: dict[Key, Agent] = {}
        for kind, *row in found:
            self._keep(kind, *row)

    def _keep(self, kind, id, account, text, name, second, third):
        if kind == "account":
            self.accounts[id] = Account(id=id, provider=text, name=name)
        elif kind == "service":
            self._services[account, text] = _known(
                ServiceNumber(id, account, text, label=name, source=second, campaign=third)
            )
        else:
            self._agents[account, text] = _known(
                Agent(id, account, text, name=name, heard_name=second)
            )

    def service(self, account: UUID, number: str) -> ServiceNumber:
        """An unsaved one where a number has no row yet."""
        found = self._services.get((account, number))
        return found or ServiceNumber(id=None, account_id=account, number=number)

    def agent(self, account: UUID, number: str) -> Agent:
        found = self._agents.get((account, number))
        return found or Agent(id=None, account_id=account, number=number)


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
        rows.append(Row(agent.known_as, number, figures, span, _listed("agent", agent)))
    return with_shares(rows)


def by_service_number(parts: list[Part], names: Names, span: Span) -> list[Row]:
    rows = []
    for account, number, figures in parts:
        service = names.service(account, number)
        rows.append(Row(service.label, number, figures, span, _listed("service_number", service)))
    return with_shares(rows)


def _listed(name: str, row) -> dict | None:
    """The filter of a list; of a number without a row there is none."""
    return {name: row.pk} if row.pk else None


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
