"""The page of one call."""

from . import edits, steps
from .page import reveal, show
from .why import why

__all__ = ["reveal", "show", "urls", "why"]


def urls(site):
    """What lies below `calls/call/` beside the page."""
    return [*edits.urls(site), *steps.urls(site)]
