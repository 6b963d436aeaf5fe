"""The list of calls: one row per conversation, what belongs to it unfolding beneath."""

from .filtered import Filtered, filtered_calls
from .neighbours import list_behind, neighbours
from .page import LIST, changelist
from .rows import Row, flat_rows

__all__ = [
    "LIST",
    "Filtered",
    "Row",
    "changelist",
    "filtered_calls",
    "flat_rows",
    "list_behind",
    "neighbours",
]
