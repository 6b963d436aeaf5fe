"""Who is above a call, up to the topmost; and who is its own ancestor."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from .derived import place
from .models import Call
from .rows import instance
from .upsert import read

_DEEPEST = 1_000  # levels of parents that a walk follows


def settled(call: Call, *, in_loop: bool) -> Call:
    """A copy in its right place."""
    row = instance(Call, {f.attname: getattr(call, f.attname) for f in Call._meta.concrete_fields})
    place(row, in_loop=in_loop)
    return row


def upwards(calls: Iterable[UUID], using: str, at_hand: Mapping[UUID, Call]) -> dict[UUID, Call]:
    """These calls and all above them. Whole rows: their revisions guard what is made of them."""
    rows: dict[UUID, Call] = {}
    level = set(calls)
    for _ in range(_DEEPEST):
        if not level:
            break
        found = {key: at_hand[key] for key in level if key in at_hand}
        found |= read(Call, level - found.keys(), using)
        rows |= found
        level = {row.parent_id for row in found.values() if row.parent_id} - rows.keys()
    return rows


def in_loop(parents: dict[UUID, UUID | None]) -> set[UUID]:
    """Those that are their own ancestors."""
    looped: set[UUID] = set()
    done: set[UUID] = set()
    for start in parents:
        path: dict[UUID, int] = {}
        key: UUID | None = start
        while key is not None and key not in done and key not in path:
            path[key] = len(path)
            key = parents.get(key)
        if key in path:
            looped.update(list(path)[path[key] :])
        done.update(path)
    return looped
