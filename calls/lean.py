"""Calls as the API shows them, ten times as fast as by the serializer: for streams of all calls.

What is shown, and how, is read off CallSerializer: a test compares each object.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from django.db import connections
from django.db.models import DateTimeField, Func, JSONField, QuerySet, TextField
from django.db.models.functions import Cast
from rest_framework import serializers as drf

from calls.choices import Strength
from calls.keyset import Cursor, Keyset, Walk
from calls.masking import value_without_numbers, without_numbers
from calls.models import Account, Call
from calls.numbers import masked
from calls.serializers import NUMBERS, AccountReferenceSerializer, CallSerializer, StrengthField
from calls.serializers.around import Around
from calls.serializers.base import IDS, PARTIES, id_without_numbers

BATCH = 2_000
_AROUND = {"service_number", "agent_number"}  # by these, the account and the id it is gathered

_STRENGTHS = {strength.value: strength.name.lower() for strength in Strength}
# Words come again and again, numbers often; the caches are small beside a batch.
_masked = lru_cache(maxsize=20_000)(masked)
_without_numbers = lru_cache(maxsize=20_000)(without_numbers)
_of_json = lru_cache(maxsize=1_000)(json.loads)

Show = Callable[[Any], Any]  # a row → what the API shows


class _Iso(Func):
    """A moment as text in UTC: made a row's datetime, it would take longer than all else."""

    output_field = TextField()
    arity = 1

    def as_postgresql(self, compiler, connection):
        wanted = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
        return self.as_sql(compiler, connection, template=wanted)

    def as_sqlite(self, compiler, connection):
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS TEXT)")


class LeanCalls:
    """`wanted`: names of fields, None for all. `context` is that of the view's serializer."""

    def __init__(self, context: dict, wanted: frozenset[str] | None = None):
        self.sees_numbers = bool(context.get("sees_numbers"))
        self.serializer = CallSerializer(context={**context, "shape": None})
        fields = self.serializer.fields
        self.fields = {n: one for n, one in fields.items() if wanted is None or n in wanted}
        self.gathers = any(isinstance(f, drf.SerializerMethodField) for f in self.fields.values())
        columns = {"id", "begun_at", "account_id", *(_AROUND if self.gathers else ())}
        columns |= {name for one in self.fields.values() if (name := _column(one))}
        if not self.sees_numbers and IDS & self.fields.keys():
            columns |= set(PARTIES)
        self.columns = sorted(columns)
        self.row = namedtuple("Row", self.columns)
        self.row.pk = property(lambda row: row.id)
        self.accounts: dict = {}
        self.texts: list[str] = []  # shown as they are, but for ""
        self.shows: list[tuple[str, Show]] = []
        for name, field in self.fields.items():
            if show := self._show(name, field):
                self.shows.append((name, show))
        # A place for every name, so that they come in the serializer's order.
        places = [self.columns.index(_column(f) or "id") for f in self.fields.values()]
        self.pick = itemgetter(*places, 0)

    def batches(self, calls: QuerySet, walk: Walk | None = None) -> Iterator[list[dict]]:
        """Lists of objects, newest first. No connection is held between two of them, so that slow
        takers do not keep the pool's connections from everybody else."""
        keyset, cursor = Keyset(Call, "begun_at"), None
        calls = calls.select_related(None).prefetch_related(None)
        while True:
            edge = keyset.edge(walk, cursor) if walk else None
            within = calls.filter(keyset.up_to(edge)) if edge else calls
            found = keyset.beyond(within, cursor).values_list(*map(_read, self.columns))[:BATCH]
            rows = [self.row._make(values) for values in found]
            shown = self._shown(rows)
            _give_back(connections[calls.db])
            if shown:
                yield shown
            if len(rows) == BATCH:
                last = rows[-1]
                cursor = Cursor(False, datetime.fromisoformat(_moment(last.begun_at)), last.id)
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
        names, pick, texts, shows = list(self.fields), self.pick, self.texts, self.shows
        objects = []
        for row in rows:
            shown = dict(zip(names, pick(row), strict=False))
            for name in texts:
                if shown[name] == "":
                    shown[name] = None
            for name, show in shows:
                shown[name] = show(row)
            objects.append(shown)
        return objects

    def _show(self, name: str, field) -> Show | None:
        """How one field is shown, None where it is the column; TypeError for a kind of field that
        this does not know."""
        if name == "account":
            return lambda row: self.accounts[row.account_id][0]
        if name == "provider":
            return lambda row: self.accounts[row.account_id][1]
        if isinstance(field, drf.SerializerMethodField):
            return self._cleaned(name, getattr(self.serializer, field.method_name))
        place, said_by = self.columns.index(_column(field)), attrgetter(*PARTIES)
        if isinstance(field, drf.UUIDField | drf.PrimaryKeyRelatedField):
            return lambda row: None if (value := row[place]) is None else str(value)
        if isinstance(field, drf.DateTimeField):
            return lambda row: _moment(row[place])
        if isinstance(field, StrengthField):
            return lambda row: _STRENGTHS[row[place]]
        if isinstance(field, drf.IntegerField | drf.BooleanField):
            return None
        if isinstance(field, drf.ListField):
            return self._cleaned(name, lambda row: _of_json(row[place]))
        if isinstance(field, drf.CharField | drf.ChoiceField):
            if not self.sees_numbers and name in IDS:
                return lambda row: id_without_numbers(row[place], said_by(row)) or None
            if not self.sees_numbers:
                return self._cleaned(name, lambda row: row[place])
            self.texts.append(name)
            return None
        raise TypeError(f"{name} is shown by {type(field).__name__}, which this does not know")

    def _cleaned(self, name: str, value: Show) -> Show:
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


def _read(column: str):
    """What is asked of the database for a column."""
    field = Call._meta.get_field(column)
    if isinstance(field, DateTimeField):
        return _Iso(column)
    return Cast(column, TextField()) if isinstance(field, JSONField) else column


def _moment(text: str | None) -> str | None:
    """As DRF writes it: microseconds all or none."""
    if text is None:
        return None
    return f"{text[:10]}T{text[11:].removesuffix('.000000')}Z"


def _give_back(connection) -> None:
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
