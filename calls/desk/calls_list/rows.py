"""A page of calls with all that its rows show, in as many queries for fifty rows as for one."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from django.db.models import F, QuerySet, Value
from django.utils import timezone

from calls.beneath import put_beneath
from calls.desk import periods
from calls.directory import Directory
from calls.models import Call, CallDisposition, CallTag, Leg, Participant, Recording, ServiceNumber
from calls.viewer import Viewer

_MOST_BENEATH = 20  # legs or dialled calls under one row; the rest is on the call's page
_AT_ONCE = 5_000  # SQLite takes 32,766 parameters in one statement


@dataclass(slots=True)
class LegRow:
    leg: Leg
    who: str

    @property
    def rang_for(self) -> int | None:
        leg = self.leg
        until = leg.answered_at or leg.ended_at
        return _seconds(leg.started_at, until)

    @property
    def talked_for(self) -> int | None:
        return _seconds(self.leg.answered_at, self.leg.ended_at)


@dataclass(slots=True)
class Row:
    """A call as the list shows it; numbers are already as the viewer may see them."""

    call: Call
    customer: str
    service: ServiceNumber | None
    service_number: str
    agent: str
    has_recording: bool = False
    in_conference: bool = False
    tags: list[str] = field(default_factory=list)
    disposition: str = ""
    legs: list[LegRow] = field(default_factory=list)
    children: list["Row"] = field(default_factory=list)
    more: bool = False  # more beneath it than is shown

    @property
    def day(self):
        return timezone.localdate(self.call.begun_at)

    @property
    def flags(self) -> str:
        return ", ".join(flag.replace("_", " ") for flag in self.call.flags)

    @property
    def beneath(self) -> int:
        return len(self.legs) + len(self.children)


def by_day(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    return [(periods.named(day), list(of)) for day, of in groupby(rows, key=lambda row: row.day)]


def rows(calls: list[Call], viewer: Viewer) -> list[Row]:
    children = Call.objects.defer("claims").order_by("begun_at", "id")
    _put_beneath(calls, "children", children)
    every = [*calls, *(child for call in calls for child in call.shown_children)]
    legs = Leg.objects.defer("claims").order_by("side", F("started_at").asc(nulls_last=True), "id")
    _put_beneath(every, "legs", legs)
    numbers = {(call.account_id, leg.number) for call in every for leg in call.shown_legs}
    drawn = _Drawn(Directory(every, numbers), _marks([call.pk for call in every]), viewer)
    return [drawn.row(call, call.shown_children) for call in calls]


def _put_beneath(calls: list[Call], relation: str, beneath: QuerySet) -> None:
    """One more than is shown, to know that there are more."""
    bound = _MOST_BENEATH + 1
    put_beneath(calls, relation, beneath, each=bound, at_once=bound * len(calls))


def flat_rows(calls: list[Call], viewer: Viewer) -> list[Row]:
    """The same rows with nothing beneath them, for exports: thousands at once."""
    dialled = defaultdict(list)
    keys = [call.pk for call in calls]
    children = Call.objects.filter(parent__in=keys).order_by()
    for parent, child in children.values_list("parent", "pk"):
        dialled[parent].append(child)
    every = [*keys, *(child for of_one in dialled.values() for child in of_one)]
    marks = defaultdict(lambda: defaultdict(set))
    for start in range(0, len(every), _AT_ONCE):
        marks |= _marks(every[start : start + _AT_ONCE])
    drawn = _Drawn(Directory(calls), marks, viewer)
    return [drawn.row(call, hidden=dialled[call.pk]) for call in calls]


class _Drawn:
    def __init__(self, directory: Directory, marks: dict, viewer: Viewer):
        self.directory, self.marks, self.viewer = directory, marks, viewer

    def row(self, call: Call, children=(), *, hidden=()) -> Row:
        """`hidden`: ids of calls that it dialled too."""
        viewer, marks = self.viewer, self.marks[call.pk]
        beneath = [self.row(child) for child in children[:_MOST_BENEATH]]
        as_calls = {child.pk for child in children}  # a leg that is one of them says no more
        shown = getattr(call, "shown_legs", ())
        legs = [leg for leg in shown if leg.connected_call_id not in as_calls]
        every = [marks, *(self.marks[key] for key in (*(child.pk for child in children), *hidden))]
        return Row(
            call,
            customer=viewer.number(call.customer_number),
            service=self.directory.service_number(call),
            service_number=viewer.number(call.service_number),
            agent=self._name(call) or viewer.number(call.agent_number),
            has_recording=any("recording" in one for one in every),
            in_conference=any("conference" in one for one in every),
            tags=sorted(viewer.text(tag) for tag in marks["tag"]),
            disposition="".join(viewer.text(word) for word in marks["disposition"]),
            legs=[LegRow(leg, self._who(leg, call)) for leg in legs[:_MOST_BENEATH]],
            children=beneath,
            more=max(len(legs), len(children)) > _MOST_BENEATH,
        )

    def _name(self, call: Call) -> str:
        return self.viewer.text(self.directory.agent_name(call)) if call.agent_number else ""

    def _who(self, leg: Leg, call: Call) -> str:
        agent = self.directory.agent(call.account_id, leg.number) if leg.number else None
        name = (agent and agent.known_as) or leg.name
        return self.viewer.text(name) or self.viewer.number(leg.number) or leg.get_party_display()


def _marks(calls: list[UUID]) -> dict[UUID, dict[str, set[str]]]:
    """Call → what hangs on it: its recordings and conferences, its tags and disposition."""
    nothing = Value("")
    parts = [
        model.objects.order_by().filter(call__in=calls).values_list("call_id", Value(kind), text)
        for model, kind, text in (
            (Recording, "recording", nothing),
            (Participant, "conference", nothing),
            (CallTag, "tag", F("tag__name")),
            (CallDisposition, "disposition", F("disposition__name")),
        )
    ]
    found = defaultdict(lambda: defaultdict(set))
    for call, kind, text in parts[0].union(*parts[1:]) if calls else ():
        found[call][kind].add(text)
    return found


def _seconds(start, end) -> int | None:
    return int((end - start).total_seconds()) if start and end and end >= start else None
