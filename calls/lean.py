"""Calls as the API shows them, ten times as fast as by the serializer: for streams of all calls.

What is shown, and how, is read off CallSerializer: a test compares each object.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from rest_framework import serializers as drf

from calls.choices import Strength
from calls.keyset import Cursor, Keyset, Walk
from calls.masking import value_without_numbers, without_numbers
from calls.models import Account, Call
from calls.numbers import masked
from calls.serializers import NUMBERS, AccountReferenceSerializer, CallSerializer, StrengthField
from calls.serializers.around import Around

BATCH = 2_000
_AROUND = ("id", "account_id", "service_number", "agent_number")  # by these it is gathered

_STRENGTHS = {strength.value: strength.name.lower() for strength in Strength}
# Words come again and again, numbers often; the cache is small beside a batch.
_masked = lru_cache(maxsize=20_000)(masked)
_without_numbers = lru_cache(maxsize=20_000)(without_numbers)

Show = Callable[[Any], Any]  # a row → what the API shows


class LeanCalls:
    """`wanted`: names of fields, None for all. `context` is that of the view's serializer."""

    def __init__(self, context: dict, wanted: frozenset[str] | None = None):
        self.sees_numbers = bool(context.get("sees_numbers"))
        self.serializer = CallSerializer(context={**context, "shape": None})
        fields = self.serializer.fields
        self.fields = {n: one for n, one in fields.items() if wanted is None or n in wanted}
        self.gathers = any(isinstance(f, drf.SerializerMethodField) for f in self.fields.values())
        columns = {"id", "begun_at", "account_id"}
        columns |= {name for one in self.fields.values() if (name := _column(one))}
        columns |= {*_AROUND} if self.gathers else set()
        self.columns = sorted(columns)
        self.row = namedtuple("Row", self.columns)
        self.row.pk = property(lambda row: row.id)
        self.accounts: dict = {}
        self.shows = [(name, self._show(name, one)) for name, one in self.fields.items()]

    def batches(self, calls: QuerySet, walk: Walk | None = None) -> Iterator[list[dict]]:
        """Lists of objects, newest first. No connection is held between two of them, so that slow
        takers do not keep the pool's connections from everybody else."""
        keyset, cursor = Keyset(Call, "begun_at"), None
        calls = calls.select_related(None).prefetch_related(None)
        while True:
            edge = keyset.edge(walk, cursor) if walk else None
            within = calls.filter(keyset.up_to(edge)) if edge else calls
            found = keyset.beyond(within, cursor).values_list(*self.columns)[:BATCH]
            rows = [self.row._make(values) for values in found]
            shown = self._shown(rows)
            _give_back(connections[calls.db])
            if shown:
                yield shown
            if len(rows) == BATCH:
                cursor = Cursor(False, rows[-1].begun_at, rows[-1].id)
            elif edge:
                cursor = edge  # all up to there was looked at
            else:
                return

    def _shown(self, rows: Sequence) -> list[dict]:
        if not rows:
            return []
        missing = {row.account_id for row in rows} - self.accounts.keys()
        for account in Account.objects.filter(pk__in=missing) if missing else ():
            reference = AccountReferenceSerializer(account, context=self.serializer.context)
            self.accounts[account.pk] = (dict(reference.data), account.provider)
        if self.gathers:
            self.serializer.around = Around(rows)
        shows = self.shows
        return [{name: show(row) for name, show in shows} for row in rows]

    def _show(self, name: str, field) -> Show:
        """How one field is shown; TypeError for a kind of field that this does not know."""
        if name == "account":
            return lambda row: self.accounts[row.account_id][0]
        if name == "provider":
            return lambda row: self.accounts[row.account_id][1]
        if isinstance(field, drf.SerializerMethodField):
            method = getattr(self.serializer, field.method_name)
            return self._cleaned(name, field, method)
        place = self.columns.index(_column(field))
        if isinstance(field, drf.UUIDField | drf.PrimaryKeyRelatedField):
            return lambda row: None if (value := row[place]) is None else str(value)
        if isinstance(field, drf.DateTimeField):
            return lambda row: _moment(row[place])
        if isinstance(field, StrengthField):
            return lambda row: _STRENGTHS[row[place]]
        if isinstance(field, drf.IntegerField | drf.BooleanField):
            return lambda row: row[place]
        if isinstance(field, drf.CharField | drf.ChoiceField | drf.ListField | drf.JSONField):
            return self._cleaned(name, field, lambda row: row[place])
        raise TypeError(f"{name} is shown by {type(field).__name__}, which this does not know")

    def _cleaned(self, name: str, field, value: Show) -> Show:
        """What may hold text: "" is null, and numbers are masked as the serializer does."""
        if self.sees_numbers:
            return lambda row: None if (said := value(row)) == "" else said
        hide = _masked if name in NUMBERS else _without_numbers

        def hidden(row):
            said = value(row)
            if isinstance(said, str):
                return hide(said) if said else None
            return value_without_numbers(said) if isinstance(said, list | dict) else said

        return hidden


def _column(field) -> str | None:
    """The column that a field shows; None for what is put together."""
    if isinstance(field, drf.SerializerMethodField | drf.BaseSerializer) or "." in field.source:
        return None
    return Call._meta.get_field(field.source).attname


def _moment(moment: datetime | None) -> str | None:
    """As DRF writes it; what the database gives is in UTC."""
    return None if moment is None else f"{moment.isoformat()[:-6]}Z"


def _give_back(connection) -> None:
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
