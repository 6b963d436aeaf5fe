"""Many rows at once, past the ORM: instances of a model, and how its rows lie in each database.

For PostgreSQL a batch of rows is one JSON text, which it takes apart; read and written, a row of
calls costs a tenth of what the ORM takes (both processes counted). In SQLite each row is a
statement, which its library keeps prepared.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


def instance(model: type[M], values: Mapping[str, Any]) -> M:
    """An instance with these values, by attribute; the others have their defaults. It is what
    model(**values) gives, in a seventh of the time."""
    row = model.__new__(model)
    row._state = ModelState()
    plain, made = _defaults(model)
    row.__dict__.update(plain)
    for name, make in made:
        row.__dict__[name] = make()
    row.__dict__.update(values)
    return row


@lru_cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable]]]:
    """Values that may be shared, and functions that make a new one."""
    fields = model._meta.concrete_fields
    made = [(f.attname, f.default) for f in fields if f.has_default() and callable(f.default)]
    names = {name for name, _ in made}
    return {f.attname: f.get_default() for f in fields if f.attname not in names}, made


def values_of(names: Sequence[str]) -> Callable[[models.Model], tuple]:
    """What takes these attributes of a row, as a tuple."""
    if len(names) == 1:
        (name,) = names
        return lambda row: (getattr(row, name),)
    return attrgetter(*names)


@dataclass(frozen=True, slots=True)
class Layout:
    """A model's columns in one kind of database. `changed` are places in a row whose values are
    not what the driver takes or gives: (place, function)."""

    model: type[models.Model]
    columns: tuple[str, ...]
    selected: str  # what a SELECT says to get them in this order
    attributes: tuple[str, ...]
    taken: Callable[[models.Model], tuple]
    to_database: tuple[tuple[int, Callable], ...]
    from_database: tuple[tuple[int, Callable], ...]

    def instance(self, values: Sequence[Any], using: str) -> models.Model:
        """Of a stored row, its columns in our order."""
        values = list(values)
        for place, change in self.from_database:
            if values[place] is not None:
                values[place] = change(values[place])
        row = self.model.__new__(self.model)
        row._state = state = ModelState()
        state.adding, state.db = False, using
        row.__dict__.update(zip(self.attributes, values, strict=True))
        return row

    def parameters(self, row: models.Model) -> list[Any]:
        """For a statement with a placeholder for each column."""
        values = list(self.taken(row))
        for place, change in self.to_database:
            if values[place] is not None:
                values[place] = change(values[place])
        return values


def json_of(rows: Sequence[models.Model], layout: Layout) -> bytes:
    """An array of arrays; for PostgreSQL, which casts them. Raises TypeError for what no JSON can
    hold, as half a surrogate."""
    return orjson.dumps([layout.taken(row) for row in rows], default=_bytea)


def _bytea(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} is not for a column")


def _dumped(value: Any) -> str:
    return orjson.dumps(value).decode()


def _naive(value: datetime) -> str:
    return str(value if value.tzinfo is UTC else value.astimezone(UTC)).removesuffix("+00:00")


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


# By the field's type: what SQLite's driver takes, and what is made of what it gives. Django has
# told it to give datetimes, dates and booleans.
_TO_SQLITE = {
    "UUIDField": lambda key: key.hex,
    "DateTimeField": _naive,
    "DateField": date.isoformat,
    "JSONField": _dumped,
}
_FROM_SQLITE = {
    "UUIDField": lambda text: UUID(hex=text),
    "DateTimeField": _aware,
    "JSONField": orjson.loads,
}
_FROM_POSTGRESQL = {"JSONField": orjson.loads}


@lru_cache
def layout(model: type[models.Model], vendor: str) -> Layout:
    fields = model._meta.concrete_fields
    # Keys to other tables are of the type of what they point at.
    types = [(f.target_field if f.remote_field else f).get_internal_type() for f in fields]
    to_database = _TO_SQLITE if vendor == "sqlite" else {}
    from_database = _FROM_SQLITE if vendor == "sqlite" else _FROM_POSTGRESQL
    return Layout(
        model=model,
        columns=tuple(field.column for field in fields),
        selected=", ".join(
            _selected(field.column, kind, vendor) for field, kind in zip(fields, types, strict=True)
        ),
        attributes=tuple(field.attname for field in fields),
        taken=values_of([field.attname for field in fields]),
        to_database=_places(types, to_database),
        from_database=_places(types, from_database),
    )


def _selected(column: str, kind: str, vendor: str) -> str:
    """JSON as its text, which orjson reads faster than the driver."""
    return f'"{column}"' + ("::text" if (kind, vendor) == ("JSONField", "postgresql") else "")


def _places(types: Sequence[str], table: Mapping[str, Callable]):
    return tuple((place, table[name]) for place, name in enumerate(types) if name in table)
