"""What the admins of both apps share, and what belongs to no call."""

from .base import (
    MOST_LISTED,
    NOT_INDENTED,
    BigAdmin,
    CappedPaginator,
    ReadOnlyAdmin,
    SturdyAdmin,
    SturdyChangeList,
    indent_json,
    link,
    link_to_list,
    links,
    preformatted,
    pretty,
)
from .jobs import JobAdmin
from .people import AuditEntryAdmin, ProfileAdmin

__all__ = [
    "MOST_LISTED",
    "NOT_INDENTED",
    "AuditEntryAdmin",
    "BigAdmin",
    "CappedPaginator",
    "JobAdmin",
    "ProfileAdmin",
    "ReadOnlyAdmin",
    "SturdyAdmin",
    "SturdyChangeList",
    "indent_json",
    "link",
    "link_to_list",
    "links",
    "preformatted",
    "pretty",
]
