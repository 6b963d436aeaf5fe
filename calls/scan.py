"""Whole tables, page by page in the order of an index, past the ORM: see `rows`."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connections, models

from .rows import layout
from .statements import fetch

M = TypeVar("M", bound=models.Model)


def pages(
    model: type[M],
    order: tuple[str, ...],
    *,
    after: Sequence[Any] | None = None,
    upto: Sequence[Any] | None = None,
    size: int,
    using: str,
) -> Iterator[list[M]]:
    """Lists of rows, ascending by the columns in `order`, which an index holds and which end with
    the key. They begin behind the values `after` and end with `upto`, where these are given."""
    while True:
        rows = page(model, order, after=after, upto=upto, size=size, using=using)
        if rows:
            yield rows
        if len(rows) < size:
            return
        after = [getattr(rows[-1], name) for name in order]


def page(
    model: type[M],
    order: tuple[str, ...],
    *,
    after: Sequence[Any] | None,
    upto: Sequence[Any] | None,
    size: int,
    using: str,
) -> list[M]:
    """The first rows of `pages`."""
    vendor = connections[using].vendor
    lies = layout(model, vendor)
    changes = dict(lies.to_database)
    parameters = []
    for values in filter(None, (after, upto)):
        for name, value in zip(order, values, strict=True):
            change = changes.get(lies.attributes.index(name))
            parameters.append(change(value) if change else value)
    statement = _select(model, vendor, order, after is not None, upto is not None, size)
    return [lies.instance(values, using) for values in fetch(using, statement, parameters)]


@lru_cache
def _select(
    model: type[models.Model],
    vendor: str,
    order: tuple[str, ...],
    after: bool,
    upto: bool,
    size: int,
) -> str:
    names, places = layout(model, vendor).selected, iter(range(1, 9))
    by = ", ".join(f'"{name}"' for name in order)

    def beside(sign: str) -> str:
        marks = [f"${next(places)}" if vendor == "postgresql" else "?" for _ in order]
        return f"({by}) {sign} ({', '.join(marks)})"

    sides = [beside(sign) for sign, given in ((">", after), ("<=", upto)) if given]
    where = f" WHERE {' AND '.join(sides)}" if sides else ""
    table = model._meta.db_table
    return f'SELECT {names} FROM "{table}"{where} ORDER BY {by} LIMIT {size}'  # noqa: S608
