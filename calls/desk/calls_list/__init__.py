"""The list of calls: one row per conversation, what belongs to it unfolding beneath."""

from .filtered import Filtered, filtered_calls
from .neighbours import list_behind, neighbours
from .page import changelist

__all__ = ["Filtered", "changelist", "filtered_calls", "list_behind", "neighbours"]
