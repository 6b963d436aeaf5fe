"""Whose calls are filled in: accounts, endpoints, service numbers and agents."""

from collections.abc import Iterable
from itertools import product
from uuid import UUID

from calls.choices import Provider
from calls.models import Account, Agent, ServiceNumber
from webhooks.endpoints import create_endpoint
from webhooks.models import Endpoint

# (provider, name, share of the country's calls); three to a country, as story.sql counts them.
ACCOUNTS = [
    (Provider.CALLERDESK, "Filled: Delhi", 0.5),
    (Provider.CALLERDESK, "Filled: Mumbai", 0.3),
    (Provider.CALLERDESK, "Filled: Pune", 0.2),
    (Provider.FREECLIMB, "Filled: Chicago", 0.6),
    (Provider.FREECLIMB, "Filled: Denver", 0.25),
    (Provider.FREECLIMB, "Filled: Boston", 0.15),
]
PER_COUNTRY = 3
SERVICES, AGENTS = 10, 25  # per account
FORM = {Provider.CALLERDESK: "+91900000{:04d}", Provider.FREECLIMB: "+1312555{:04d}"}
FIRST_AGENT = 300

SOURCES = ["Google Ads", "Website", "Flyer", "Maps", "Facebook", "Radio", "Newspaper", ""]
CAMPAIGNS = ["Spring", "Summer", "Brand", ""]
_FIRST = ["Asha", "Bilal", "Chitra", "Dev", "Esha", "Farid", "Gita", "Hari", "Indu", "Jai"]
_FIRST += ["Kavya", "Leena", "Mohan", "Nisha", "Omar"]
AGENT_NAMES = [f"{first} {last}" for last, first in product("KMPRS", _FIRST)]


class Accounts:
    """The filled accounts with their endpoints."""

    def __init__(self, endpoints: Iterable[Endpoint]):
        self._by_name = {endpoint.account.name: endpoint for endpoint in endpoints}

    @staticmethod
    def existing() -> list[UUID]:
        names = [name for _, name, _ in ACCOUNTS]
        return list(Account.objects.filter(name__in=names).values_list("id", flat=True))

    def rows(self) -> list[tuple]:
        """As fill_account has them."""
        rows, below = [], 0.0
        for index, (provider, name, share) in enumerate(ACCOUNTS):
            place = index % PER_COUNTRY
            least = 0.0 if place == 0 else below
            below = 1.0 if place == PER_COUNTRY - 1 else least + share
            endpoint = self._by_name[name]
            country = "IN" if provider == Provider.CALLERDESK else "US"
            outside = endpoint.account.provider_account_id
            account = endpoint.account_id
            rows.append((country, place, account, endpoint.id, provider, outside, least, below))
        return rows


def prepare_accounts() -> Accounts:
    """Make what is missing."""
    endpoints = []
    for index, (provider, name, _) in enumerate(ACCOUNTS):
        endpoint = Endpoint.objects.filter(account__name=name).select_related("account").first()
        if endpoint is None:
            endpoint, _ = create_endpoint(
                provider=provider, account=name, provider_account_id=f"AC{index:040d}"
            )
        endpoints.append(endpoint)
        _add_numbers(endpoint.account, index % PER_COUNTRY)
    return Accounts(endpoints)


def _add_numbers(account: Account, place: int) -> None:
    form = FORM[Provider(account.provider)].format
    numbers = [form(place * SERVICES + k) for k in range(SERVICES)]
    ServiceNumber.objects.bulk_create(
        [
            ServiceNumber(
                account=account,
                number=number,
                label=f"{account.name.removeprefix('Filled: ')} line {k + 1}",
                source=SOURCES[(k + place) % len(SOURCES)],
                campaign=CAMPAIGNS[k % len(CAMPAIGNS)],
            )
            for k, number in enumerate(numbers)
        ],
        ignore_conflicts=True,
    )
    Agent.objects.bulk_create(
        [
            Agent(
                account=account,
                number=form(FIRST_AGENT + n),
                name=AGENT_NAMES[n],
            )
            for n in range(place * AGENTS, (place + 1) * AGENTS)
        ],
        ignore_conflicts=True,
    )
