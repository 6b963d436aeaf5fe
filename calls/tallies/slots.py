"""Time cut into slots: half an hour, since a day in India begins at half past in UTC."""

from datetime import datetime, timedelta

from calls.facts import EPOCH

SLOT = timedelta(minutes=30)


def slot_of(moment: datetime) -> datetime:
    """The first moment of the slot in which it lies."""
    return EPOCH + (moment - EPOCH) // SLOT * SLOT


def slot_from(moment: datetime) -> datetime:
    """The first slot that begins at that moment or later."""
    return EPOCH - (EPOCH - moment) // SLOT * SLOT
