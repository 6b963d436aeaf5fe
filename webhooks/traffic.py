"""How many deliveries come to an endpoint within an hour, and how long a silence is usual then.

The only writer of EndpointHour. Hours are UTC's; who reads them asks for the hour of a moment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from statistics import median
from uuid import UUID, uuid5

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncHour
from django.utils.timezone import now

from .models import Delivery, Endpoint, EndpointHour

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEKS = 4  # of the past that say what is usual
SETTLED = timedelta(minutes=5)  # after an hour no transaction of it is still to come
AT_LEAST = 3  # deliveries an hour; with fewer no silence means anything
SHORTEST = timedelta(minutes=10)  # silence worth a word
GAPS = 5  # usual gaps that make a silence unusual
_LOOK_BACK = 2  # hours before the present one: GAPS gaps at AT_LEAST an hour are 100 minutes


def hour_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def count(progress, at: datetime | None = None) -> None:
    """Count again the hours that may have changed since they were counted: a handler of recurring
    work. After a pause it catches up; on a new table it counts everything there is."""
    at = at or now()
    keys = list(Endpoint.objects.values_list("pk", flat=True))
    newest = max((row.begins_at for row in _newest_of(keys)), default=None)
    if newest is not None:
        present = hour_of(at)
        newest = min(newest, present - HOUR if at < present + SETTLED else present)
    _count_from(progress, newest)


def count_all(progress) -> None:
    """Count every hour again, for instance after an import of old deliveries; a handler. Hours
    whose deliveries were pruned stay as they are."""
    EndpointHour.objects.exclude(endpoint__in=Endpoint.objects.all()).delete()
    reached = progress.position.get("since")
    _count_from(progress, datetime.fromisoformat(reached) if reached else None)


def _count_from(progress, since: datetime | None) -> None:
    """A day at a time, passing over days without deliveries."""
    while first := _first_delivery(since):
        since = hour_of(first)
        changed = count_hours(since, since + DAY)
        since += DAY
        progress.save(done=progress.done + changed, position={"since": since.isoformat()})
    if progress.done:
        progress.finish(f"{progress.done:,} hours counted")


def _first_delivery(since: datetime | None) -> datetime | None:
    deliveries = Delivery.objects.order_by("received_at", "id")  # delivery_newest_first, backwards
    if since is not None:
        deliveries = deliveries.since(since)
    return deliveries.values_list("received_at", flat=True).first()


def count_hours(since: datetime, until: datetime) -> int:
    """Count the hours between; how many had changed."""
    counted = (
        Delivery.objects.since(since)
        .before(until)
        .order_by()
        .values("endpoint_id", hour=TruncHour("received_at", tzinfo=UTC))
        .annotate(deliveries=Count("id"), last=Max("received_at"))
    )
    rows = [
        EndpointHour(
            id=uuid5(row["endpoint_id"], row["hour"].isoformat()),
            endpoint_id=row["endpoint_id"],
            begins_at=row["hour"],
            deliveries=row["deliveries"],
            last_received_at=row["last"],
        )
        for row in counted
    ]
    known = dict(
        EndpointHour.objects.filter(begins_at__gte=since, begins_at__lt=until)
        .filter(endpoint__in={row.endpoint_id for row in rows})
        .values_list("id", "deliveries")
    )
    changed = [row for row in rows if known.get(row.id) != row.deliveries]
    EndpointHour.objects.bulk_create(
        sorted(changed, key=lambda row: row.id),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["deliveries", "last_received_at"],
        batch_size=1_000,
    )
    return len(changed)


@dataclass(frozen=True, slots=True)
class Silence:
    """How long nothing has come to an endpoint, and whether that is unusual."""

    last: datetime | None  # None: nothing ever came
    usual_gap: timedelta | None  # None: too little comes at this hour to say
    unusual: bool


def silences(endpoints: Iterable[Endpoint], at: datetime) -> dict[UUID, Silence]:
    """Of each endpoint, by one question: the hours that tell what is usual, and the newest."""
    keys = [endpoint.id for endpoint in endpoints]
    past = EndpointHour.objects.filter(endpoint__in=keys, begins_at__in=_past_hours(at))
    rows = list(past.union(_newest_of(keys)))  # each by its own index
    last: dict[UUID, datetime] = {}
    for row in rows:
        heard = last.get(row.endpoint_id)
        last[row.endpoint_id] = max(heard or row.last_received_at, row.last_received_at)
    usual = _usual_deliveries(keys, rows, at)
    return {key: _silence(last.get(key), usual[key], at) for key in keys}


def usual_gap(endpoint: Endpoint, at: datetime) -> timedelta | None:
    """Between two deliveries at this hour of this weekday, over the past four weeks; of an endpoint
    too young for that, at this hour of any day. None: too little comes to say."""
    rows = EndpointHour.objects.filter(endpoint=endpoint, begins_at__in=_past_hours(at))
    return _gap(_usual_deliveries([endpoint.id], rows, at)[endpoint.id][0])


def _newest_of(keys: Sequence[UUID]) -> QuerySet[EndpointHour]:
    """The newest hour of each endpoint."""
    hours = EndpointHour.objects.filter(endpoint=OuterRef("pk")).order_by("-begins_at")
    newest = Endpoint.objects.filter(pk__in=keys).values(newest=Subquery(hours.values("pk")[:1]))
    return EndpointHour.objects.filter(pk__in=newest)


def _hours_back(at: datetime) -> list[datetime]:
    return [hour_of(at) - back * HOUR for back in range(_LOOK_BACK + 1)]


def _past_hours(at: datetime) -> list[datetime]:
    days = range(1, 7 * WEEKS + 1)
    return [hour - day * DAY for hour in _hours_back(at) for day in days]


def _usual_deliveries(
    keys: Sequence[UUID], rows: Iterable[EndpointHour], at: datetime
) -> dict[UUID, list[float]]:
    """Of each endpoint: what usually comes in the present hour, in the one before, and so on."""
    past = set(_past_hours(at))
    known: dict[UUID, dict[datetime, int]] = {key: {} for key in keys}
    for row in rows:
        if row.begins_at in past:
            known[row.endpoint_id][row.begins_at] = row.deliveries
    return {key: [_usual(known[key], hour) for hour in _hours_back(at)] for key in keys}


def _usual(known: dict[datetime, int], hour: datetime) -> float:
    """The median: one hour that ran wild says nothing. An hour without a row had no deliveries, if
    the endpoint was heard before."""
    first = min(known, default=hour)
    days = [hour - day * DAY for day in range(1, 7 * WEEKS + 1) if hour - day * DAY >= first]
    weeks = days[6::7]
    taken = weeks if len(weeks) > 1 else days
    return median(known.get(begins_at, 0) for begins_at in taken) if taken else 0


def _gap(deliveries: float) -> timedelta | None:
    return HOUR / deliveries if deliveries >= AT_LEAST else None


def _silence(last: datetime | None, usual: Sequence[float], at: datetime) -> Silence:
    gap = _gap(usual[0])
    if gap is None or last is None:
        return Silence(last, gap, unusual=False)
    # A night without calls is no silence: it counts from the first of the hours that are busy.
    busy = list(takewhile(lambda deliveries: deliveries >= AT_LEAST, usual))
    begun = hour_of(at) - (len(busy) - 1) * HOUR
    quiet = at - (last if len(busy) == len(usual) else max(last, begun))
    return Silence(last, gap, unusual=quiet > max(SHORTEST, GAPS * gap))
