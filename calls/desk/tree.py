"""A call's family: parents above, calls that it dialled below. Bounded, and safe in loops."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from calls.models import Call, Leg

MOST = 100  # calls of one family on a page
LEVELS = 6  # a query for each that is there; two are usual


@dataclass(slots=True)
class Family:
    call: Call
    calls: dict[UUID, Call]
    more: bool  # than are shown

    def lineage(self) -> list[Call]:
        """The call, those above it and all below it: no siblings."""
        found = [*self._above(), self.call]
        seen = {call.pk for call in found}
        for call in found[-1:]:
            self._below(call, found, seen)
        return found

    def _above(self):
        above, seen, call = [], {self.call.pk}, self.calls.get(self.call.parent_id)
        while call and call.pk not in seen:
            seen.add(call.pk)
            above.insert(0, call)
            call = self.calls.get(call.parent_id)
        return above

    def _below(self, call, found, seen):
        for child in self.children(call):
            if child.pk not in seen:
                seen.add(child.pk)
                found.append(child)
                self._below(child, found, seen)

    def children(self, call):
        mine = [one for one in self.calls.values() if one.parent_id == call.pk]
        return sorted(mine, key=lambda one: (one.begun_at, str(one.pk)))


@dataclass(slots=True)
class Node:
    call: Call
    depth: int
    current: bool
    legs: list[Leg] = field(default_factory=list)
    dialled: Leg | None = None  # the leg of its parent that this call is


def family(call: Call) -> Family:
    """Level by level, both ways at once: two queries for a parent with its children."""
    calls = {call.pk: call}
    more = False
    fresh = [call]
    for _ in range(LEVELS):
        upward = {one.parent_id for one in fresh if one.parent_id} - calls.keys()
        below = {one.pk for one in fresh} | upward  # a parent's children too, at once
        level = Call.objects.filter(Q(pk__in=upward) | Q(parent_id__in=below))
        level = level.exclude(pk__in=calls.keys()).select_related("account").defer("claims")
        fresh = list(level.order_by("begun_at", "id")[: MOST + 1 - len(calls) + 1])
        if not fresh:
            break
        calls |= {one.pk: one for one in fresh}
        if len(calls) > MOST:
            more = True
            break
    else:
        more = True
    return Family(call, calls, more)


def nodes(family: Family, legs: list[Leg]) -> list[Node]:
    """The family from its top down, each call with its legs."""
    own, dialled = {}, {}
    for leg in legs:
        if leg.connected_call_id != leg.call_id and leg.connected_call_id in family.calls:
            dialled[leg.connected_call_id] = leg
        else:
            own.setdefault(leg.call_id, []).append(leg)
    found: list[Node] = []
    seen = set()

    def walk(call, depth):
        if call.pk in seen:
            return
        seen.add(call.pk)
        current = call.pk == family.call.pk
        found.append(Node(call, depth, current, own.get(call.pk, []), dialled.get(call.pk)))
        for child in family.children(call):
            walk(child, depth + 1)

    above = family._above()
    walk(above[0] if above else family.call, 0)
    for call in family.calls.values():  # what a loop or the bound cut off
        walk(call, 0)
    return found
