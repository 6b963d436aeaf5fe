"""What a call's page reads: a query per kind of thing, however much there is of it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from calls.desk.tree import Family, family
from calls.models import (
    Agent,
    Call,
    Leg,
    Participant,
    Recording,
    ServiceNumber,
)

MOST = 100  # of any kind on one page
OTHERS = 10  # calls of the same customer


def _label(model, account, number, field):
    """A name from the directory, read with the row; its constraint is the index."""
    found = model.objects.filter(account_id=OuterRef(account), number=OuterRef(number))
    return Subquery(found.values(field)[:1])


def call_by(pk: UUID) -> Call | None:
    return (
        Call.objects.select_related("account", "call_disposition__disposition")
        .annotate(
            service_id=_label(ServiceNumber, "account_id", "service_number", "id"),
            service_label=_label(ServiceNumber, "account_id", "service_number", "label"),
            service_source=_label(ServiceNumber, "account_id", "service_number", "source"),
            agent_id=_label(Agent, "account_id", "agent_number", "id"),
            agent_known=_label(Agent, "account_id", "agent_number", "name"),
        )
        .filter(pk=pk)
        .first()
    )


@dataclass(slots=True)
class Belonging:
    """What belongs to a call."""

    family: Family
    lineage: list[Call]
    legs: list[Leg]
    participations: list[Participant]
    recordings: list[Recording]
    more: set[str]  # kinds of which there are more than were read

    def of_lineage(self, legs: list[Leg]) -> list[Leg]:
        mine = {one.pk for one in self.lineage}
        return [leg for leg in legs if leg.call_id in mine]


def belonging(call: Call) -> Belonging:
    relatives = family(call)
    lineage = relatives.lineage()
    ids = [one.pk for one in lineage]
    more = {"calls"} if relatives.more else set()

    def bounded(kind, rows):
        rows = list(rows[: MOST + 1])
        if len(rows) > MOST:
            more.add(kind)
        return rows[:MOST]

    legs = Leg.objects.filter(call_id__in=relatives.calls.keys()).defer("claims")
    legs = legs.annotate(known=_label(Agent, "call__account_id", "number", "name"))
    taken = Participant.objects.filter(call_id__in=ids).select_related("conference")
    taken = taken.defer("claims", "conference__claims").order_by("joined_at", "id")
    participations = bounded("conferences", taken)
    conferences = {one.conference_id for one in participations}
    heard = Recording.objects.filter(Q(call_id__in=ids) | Q(conference_id__in=conferences))
    heard = heard.select_related("account").defer("claims").order_by("created_at", "id")
    return Belonging(
        family=relatives,
        lineage=lineage,
        legs=bounded("legs", legs.order_by("side", "started_at", "id")),
        participations=participations,
        recordings=bounded("recordings", heard),
        more=more,
    )


def others_of_customer(call: Call) -> list[Call]:
    """The customer's other calls, newest first. Children are left out afterwards: an index answers
    the customer, not the customer's roots."""
    if not call.customer_number:
        return []
    found = Call.objects.filter(customer_number=call.customer_number).exclude(pk=call.pk)
    found = found.select_related("account").defer("claims").order_by("-begun_at")
    return [one for one in found[: 3 * OTHERS] if one.is_root][:OTHERS]
