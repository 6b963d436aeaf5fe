"""What of a row is a function of the set of deliveries: all but its history."""

from functools import cache
from operator import attrgetter
from typing import Any

from .models.base import MergedModel

# How often it was written and when last; and, within claims, which of equal deliveries vouches.
HISTORY = frozenset({"revision", "updated_at"})


def content(row: MergedModel) -> dict[str, Any]:
    """column → value, comparable between databases."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in HISTORY
    }
    values["claims"] = _claims(row.claims)
    return values


def _claims(claims: dict[str, Any]) -> dict[str, Any]:
    """field → claim without its delivery; and the hidden values. What cannot be read, as it is."""
    try:
        fields = {name: claims["c"][place][:-1] for name, place in claims.get("f", {}).items()}
        return {"fields": fields, "hidden": claims.get("x", {})}
    except (AttributeError, LookupError, TypeError):
        return {"unreadable": claims}


def same(found: MergedModel, expected: MergedModel) -> bool:
    """Whether no column differs: a tenth of what it takes to tell which."""
    values = _values(type(expected))
    if values(found) != values(expected):
        return False
    return found.claims == expected.claims or _claims(found.claims) == _claims(expected.claims)


@cache
def _values(model: type[MergedModel]) -> attrgetter:
    """All columns of a row but its claims."""
    left_out = HISTORY | {"claims"}
    return attrgetter(*(f.attname for f in model._meta.concrete_fields if f.name not in left_out))


def differences(found: MergedModel, expected: MergedModel) -> list[str]:
    """One line per column that differs."""
    there, wanted = content(found), content(expected)
    return [
        f"{column}: {there[column]!r}, the deliveries say {wanted[column]!r}"
        for column in wanted
        if there[column] != wanted[column]
    ]
