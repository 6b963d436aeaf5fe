"""What all serializers share: times in UTC, null for unknown, numbers masked."""

import re
from collections.abc import Iterable
from datetime import UTC

from django.db import models
from rest_framework import serializers

from calls.choices import Provider, Strength
from calls.masking import value_without_numbers, without_numbers
from calls.models import Account, Call
from calls.numbers import masked


class UtcDateTimeField(serializers.DateTimeField):
    """ISO 8601 with Z, whatever time zone the reader has chosen for pages."""

    timezone = UTC


class ReadSerializer(serializers.ModelSerializer):
    """Read-only. A text column that nobody filled is "" in the table and null here."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateTimeField: UtcDateTimeField,
    }

    def build_standard_field(self, field_name, model_field):
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        if isinstance(model_field, models.CharField | models.TextField) and model_field.blank:
            kwargs["allow_null"] = True
        return field_class, kwargs

    def get_fields(self):
        """Of the object that was asked for, the fields that were: the view's `shape` tells."""
        fields = super().get_fields()
        shape = self.context.get("shape")
        if shape is None or not self._is_outermost:
            return fields
        return {name: field for name, field in fields.items() if shape.shows(name)}

    @property
    def _is_outermost(self) -> bool:
        outer = self.parent
        if isinstance(outer, serializers.ListSerializer):
            outer = outer.parent
        return outer is None

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        if not self.context.get("sees_numbers"):
            shown = {name: self._masked(name, value, instance) for name, value in shown.items()}
        return {name: None if value == "" else value for name, value in shown.items()}

    def _masked(self, name, value, row):
        """What somebody may read who sees no full numbers: of every text, not of columns that we
        thought of. What hangs on the row has done it for itself."""
        if isinstance(value, str):
            if name in IDS:
                return id_without_numbers(value, parties(row))
            return masked(value) if name in NUMBERS else without_numbers(value)
        if isinstance(self.fields[name], _MAY_HOLD_TEXT):
            return value_without_numbers(value)
        return value


# Fields whose values may be lists or objects with texts in them.
_MAY_HOLD_TEXT = (
    serializers.JSONField,
    serializers.ListField,
    serializers.SerializerMethodField,
)
# Columns that hold a number and nothing else.
NUMBERS = {
    *("from_number", "from_raw", "to_number", "to_raw", "customer_number", "service_number"),
    *("agent_number", "number", "raw_number"),
}
# Ids that the provider gave to a call, or to what hangs on one.
IDS = {
    *("provider_call_id", "parent_provider_call_id", "connected_provider_call_id"),
    *("provider_request_id", "provider_recording_id"),
}
# Columns of a call that say who talked.
PARTIES = (
    *("from_number", "from_raw", "to_number", "to_raw", "customer_number", "service_number"),
    "agent_number",
)
_PLAIN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_OF_A_NUMBER = 7  # digits at its end by which a number is known, whatever it begins with


def id_without_numbers(text: str, numbers: Iterable[str] | None) -> str:
    """An id of digits is none of a telephone, unless it holds one of the numbers that its call is
    known by. `numbers` is None where they were not read: masked as any text then."""
    shown = without_numbers(text)
    if shown == text or numbers is None or not _PLAIN_ID.fullmatch(text):
        return shown
    digits = re.sub(r"\D", "", text)
    ends = (re.sub(r"\D", "", number)[-_OF_A_NUMBER:] for number in numbers)
    return shown if any(len(end) == _OF_A_NUMBER and end in digits for end in ends) else text


def parties(row) -> list[str] | None:
    """The numbers of the call that a row is, or hangs on, as far as they are read already."""
    links = row._state.fields_cache
    near = [row] if isinstance(row, Call) else [links.get("call"), links.get("connected_call")]
    calls = [call for call in near if call is not None]
    if not calls or any(call.get_deferred_fields() & set(PARTIES) for call in calls):
        return None
    return [getattr(call, column) for call in calls for column in PARTIES]


LAST = ("strength", "flags", "revision", "created_at", "updated_at")


def plain(model, *without: str) -> list[str]:
    """The model's columns, but for these, the claims, which explain and do not inform, and what is
    only there to be searched. What a row says comes before what is said about the row."""
    names = [field.name for field in model._meta.concrete_fields]
    shown = [name for name in names if name not in ("claims", "customer_digits", *without)]
    return sorted(shown, key=lambda name: name in LAST)


class StrengthField(serializers.ChoiceField):
    """A member of Strength by its name in lower case."""

    def __init__(self, **kwargs):
        super().__init__(choices=[strength.name.lower() for strength in Strength], **kwargs)

    def to_representation(self, value):
        return Strength(value).name.lower()


class AccountReferenceSerializer(ReadSerializer):
    class Meta:
        model = Account
        fields = read_only_fields = ["id", "provider", "name", "provider_account_id"]


class MergedSerializer(ReadSerializer):
    strength = StrengthField(
        read_only=True,
        help_text="The weightiest thing said of it; inferred: it was never heard of itself.",
    )
    flags = serializers.ListField(child=serializers.CharField(), read_only=True)


def provider_of(source: str) -> serializers.Field:
    return serializers.ChoiceField(Provider.choices, source=source, read_only=True)


class OfAccountSerializer(MergedSerializer):
    """What belongs to an account itself."""

    account = AccountReferenceSerializer(read_only=True)
    provider = provider_of("account.provider")


def provider_id(source: str) -> serializers.Field:
    """The provider's own id of something that this row points at."""
    return serializers.CharField(source=source, read_only=True, allow_null=True, default=None)
