"""What of a row is a function of the set of deliveries: all but its history."""

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


def differences(found: MergedModel, expected: MergedModel) -> list[str]:
    """One line per column that differs."""
    there, wanted = content(found), content(expected)
    return [
        f"{column}: {there[column]!r}, the deliveries say {wanted[column]!r}"
        for column in wanted
        if there[column] != wanted[column]
    ]
