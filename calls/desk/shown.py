"""A column of a row as one person may see it. All pages of merged rows show them through here."""

from django.db import models
from django.utils.timezone import localtime

from calls.models import Recording

NUMBERS = frozenset(
    {
        *("from_number", "from_raw", "to_number", "to_raw", "customer_number", "service_number"),
        *("agent_number", "number", "raw_number"),
    }
)
# Ids that a provider gives: some are digits only, and no telephone numbers.
IDS = frozenset(
    {
        *("provider_call_id", "parent_provider_call_id", "provider_recording_id"),
        *("provider_conference_id", "phone_number_id", "application_id", "provider_request_id"),
        "queue_id",
    }
)
WITHHELD = "kept out of pages"


def said(model, column, value, viewer) -> str:
    """A value of that column as text; "" for nothing."""
    field = model._meta.get_field(column)
    if value is None or value == "":
        return ""
    if model is Recording and column == "url":
        return WITHHELD
    if column in NUMBERS:
        return viewer.number(str(value))
    if column == "customer_digits":  # any part of it is a part of the number
        return value if viewer.sees_numbers else "••••"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.BooleanField):
        return "Yes" if value else "No"
    if isinstance(field, models.DateTimeField):
        return f"{localtime(value):%Y-%m-%d %H:%M:%S}"
    if column == "flags":
        return ", ".join(word.replace("_", " ") for word in value)
    if column in IDS or field.is_relation or isinstance(field, models.UUIDField):
        return str(value)
    return viewer.text(str(value))


def column(model, name, viewer):
    """For lists and read-only forms of the admin: the column, or a function that shows it."""
    guarded = name in NUMBERS or name in ("url", "customer_digits")
    fields = {field.name: field for field in model._meta.concrete_fields}
    field = fields.get(name)
    free = (
        isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and name not in IDS
    )
    if field is None or not (guarded or free):
        return name

    def shown(row):
        return said(model, name, getattr(row, name), viewer) or "-"

    shown.__name__ = name
    shown.short_description = field.verbose_name
    return shown
