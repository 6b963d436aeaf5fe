"""Time cut into slots: half an hour, since a day in India begins at half past in UTC."""

from datetime import datetime, timedelta

from calls.facts import EPOCH

SLOT = timedelta(minutes=30)
DAY = timedelta(days=1)


def slot_of(moment: datetime, length: timedelta = SLOT) -> datetime:
    """The first moment of the slot, or the UTC day, in which it lies."""
    return EPOCH + (moment - EPOCH) // length * length


def slot_from(moment: datetime, length: timedelta = SLOT) -> datetime:
    """The first slot, or UTC day, that begins at that moment or later."""
    return EPOCH - (EPOCH - moment) // length * length
