"""Figures of conversations, counted ahead by slots of half an hour so that no page counts calls.

Reading: `figures`, `series`, `periods`, `breakdown`. Counting: `recount`, `recount_everything`.
A conversation is counted where it began.
"""

from .counting import recount, recount_everything
from .figures import Figures, bucket, seconds_of
from .reading import breakdown, breakdowns, figures, periods, series
from .slots import SLOT, slot_of

__all__ = [
    "SLOT",
    "Figures",
    "breakdown",
    "breakdowns",
    "bucket",
    "figures",
    "periods",
    "recount",
    "recount_everything",
    "seconds_of",
    "series",
    "slot_of",
]
