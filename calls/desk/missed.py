"""Missed calls to return: one line per customer, for the home page and the list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode

from calls.facts import EPOCH, micros
from calls.models import Agent, MissedCustomer, ServiceNumber
from calls.viewer import viewer_of

from .breakdowns import Names
from .call_links import calls_url
from .days import SPANS, span
from .paging import capped_count

PAGE = 50
_MOST_AT_ONCE = 1_000  # customers first missed at the same moment


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
    def missed_url(self) -> str:
        """The missed calls that are to be returned."""
        row = self.missed
        return calls_url(row.first_missed_at, customer_of=row.last_call_id, outcome="missed")

    @property
    def calls_url(self) -> str:
        """All calls with this customer."""
        return calls_url(customer_of=self.missed.last_call_id)


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


class Listed:
    """What Django's lists call `cl`: the rows on this page."""

    def __init__(self, result_list):
        self.result_list = result_list


def changelist(request, context):
    """The whole list, oldest first, in pages by key."""
    now, given = timezone.now(), request.GET
    chosen = given.get("period", "")
    untried = given.get("tried") == "no"
    rows = _first_missed(chosen, now, viewer_of(request).zone)
    if untried:
        rows = rows.filter(attempts=0)
    after = _read(given.get("after", ""))
    page = list((_beyond(rows, *after) if after else rows)[: PAGE + 1])
    more, page = len(page) > PAGE, page[:PAGE]
    asked = {name: given[name] for name in ("period", "tried") if given.get(name)}
    context |= {
        "lines": lines(page, Names(*numbers_of(page))),
        "cl": Listed(page),
        "now": now,
        "count": capped_count(rows),
        "periods": [
            {"words": words, "on": name == chosen, "url": _url(asked | {"period": name})}
            for name, words in _periods().items()
        ],
        "untried": untried,
        "untried_url": _url(asked | {"tried": "" if untried else "no"}),
        "next_url": _url(asked | {"after": _mark(page[-1])}) if more else "",
        "first_url": _url(asked) if after else "",
    }
    return TemplateResponse(request, "admin/calls/missedcustomer/change_list.html", context)


def _periods() -> dict[str, str]:
    """Name in the URL → words. The first one is what the home page counts."""
    days = settings.RETURN_MISSED_WITHIN.days
    near = {name: SPANS[name][1] for name in ("today", "7")}
    return {"": f"Last {days} days", **near, "all": "All"}


def _first_missed(chosen: str, now: datetime, zone) -> QuerySet[MissedCustomer]:
    if chosen == "all":
        return MissedCustomer.objects.order_by("first_missed_at", "id")
    if chosen in SPANS:
        since = span(chosen, now, zone).start
        rows = MissedCustomer.objects.filter(first_missed_at__gte=since)
        return rows.order_by("first_missed_at", "id")
    return to_return(now)


def _beyond(rows, moment: datetime, sealed: str):
    """A row that is gone by now: what was missed at the same moment is shown again."""
    rows = rows.filter(first_missed_at__gte=moment)
    same = rows.filter(first_missed_at=moment).values_list("id", flat=True)
    last = next((id for id in same[:_MOST_AT_ONCE] if _sealed(id) == sealed), None)
    return rows if last is None else rows.filter(Q(first_missed_at__gt=moment) | Q(id__gt=last))


def _mark(row: MissedCustomer) -> str:
    """Where a page ends."""
    return f"{micros(row.first_missed_at)}.{_sealed(row.pk)}"


def _sealed(id: UUID) -> str:
    """The id is computed from the number, which could be found out by computing it for all."""
    return salted_hmac("calls.missed", id.hex, algorithm="sha256").hexdigest()[:24]


def _read(text: str) -> tuple[datetime, str] | None:
    """Nonsense is the first page."""
    at, _, sealed = text.partition(".")
    try:
        return EPOCH + timedelta(microseconds=int(at)), sealed
    except (ValueError, OverflowError):
        return None


def _url(asked: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in asked.items() if value})
