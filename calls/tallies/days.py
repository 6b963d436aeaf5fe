"""Whole UTC days, each the sum of its slots: of a month a breakdown reads thirty times fewer rows.

Made by whoever counts slots, in the same transaction (see `counting`), so that they always agree.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Sum

from calls.keys import tally_key
from calls.models import Tally

from .figures import COUNTS
from .slots import DAY

# The dimension of slots → that of the days that sum them up.
OF_DAY = {
    Tally.Dimension.ALL: Tally.Dimension.ALL_OF_DAY,
    Tally.Dimension.SERVICE_NUMBER: Tally.Dimension.SERVICE_NUMBER_OF_DAY,
    Tally.Dimension.AGENT: Tally.Dimension.AGENT_OF_DAY,
}


def summed(day: datetime, model: type[Tally] = Tally) -> Iterator[Tally]:
    """The tallies of a day, not saved, without waits. Migrations give the model of their time."""
    slots = model.objects.filter(
        dimension__in=[*OF_DAY], begins_at__gte=day, begins_at__lt=day + DAY
    )
    parts = slots.order_by().values_list("account_id", "dimension", "value")
    for account, of_slots, value, *sums in parts.annotate(*map(Sum, COUNTS)):
        dimension = OF_DAY[of_slots]
        yield model(
            id=tally_key(account, day.isoformat(), dimension, value),
            begins_at=day,
            account_id=account,
            dimension=dimension,
            value=value,
            **dict(zip(COUNTS, map(int, sums), strict=True)),  # PostgreSQL's are decimals
        )
