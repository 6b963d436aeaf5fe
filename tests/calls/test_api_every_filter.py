"""Each filter of each list of the API: none is left out, and each restricts."""

from datetime import timedelta

from calls import filtersets
from calls.choices import Status
from calls.models import (
    Account,
    Agent,
    CallDisposition,
    CallTag,
    Disposition,
    ServiceNumber,
    Tag,
)
from tests import factories
from tests.api import ApiTestCase
from tests.calls.directory import agent, service_number
from tests.factories import NOON
from webhooks.filtersets import DeliveryFilterSet

MORE = {"gte": 0, "gt": -1, "lte": 0, "lt": 1}
MORE_OF = {"duration_seconds": 300, "talk_seconds": 200, "waited_seconds": 100}
DAY_LATER, HOURS_LATER = "2026-03-15T12:00:00Z", "2026-03-15T11:00:00Z"
TWO_DAYS_LATER = "2026-03-16T12:00:00Z"


def at(moment):
    return {"created_at": moment, "updated_at": moment}


class EveryFilterTests(ApiTestCase):
    """Each filter of each list leaves the row that it means and not the other."""

    scopes = (*ApiTestCase.scopes, "deliveries:read")

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.parent = factories.CallFactory(begun_at=NOON - timedelta(days=2), ended_at=NOON)
        cls.bare = factories.CallFactory()
        cls.other = factories.ParticipantFactory(
            state="left", conference__status="terminated", created_at=NOON
        )
        later = NOON + timedelta(days=1)
        cls.account = factories.AccountFactory(callerdesk=True, created_at=later)
        cls.call = factories.CallFactory(
            account=cls.account,
            parent=cls.parent,
            status=Status.NO_ANSWER,
            direction="outbound",
            missed=True,
            is_over=False,
            flagged=True,
            flags=["end_before_start", "parent_loop"],
            answered_by="machine",
            group_name="Sales",
            agent_number="+919000000777",
            duration_seconds=300,
            talk_seconds=200,
            waited_seconds=100,
            provider_request_id="R1",
            customer_number="+919000012345",
            service_number="+919000054321",
            from_number="+919000011111",
            to_number="+919000022222",
            **dict.fromkeys(("begun_at", "ended_at", "created_at", "updated_at"), later),
        )
        cls.service = service_number(
            cls.account, "+919000054321", source="Flyer", label="Main", campaign="Spring"
        )
        cls.agent = agent(cls.account, "+919000000777", name="Asha")
        cls.tag = Tag.objects.create(name="Complaint")
        cls.disposition = Disposition.objects.create(name="Sold")
        service_number(cls.parent.account, "+13125550188")
        agent(cls.parent.account, "+13125550177")
        other_tag = Tag.objects.create(name="Spam")
        other_disposition = Disposition.objects.create(name="Nothing", active=False)
        CallTag.objects.create(call=cls.call, tag=cls.tag)
        CallTag.objects.create(call=cls.parent, tag=other_tag)
        CallDisposition.objects.create(call=cls.call, disposition=cls.disposition)
        CallDisposition.objects.create(call=cls.parent, disposition=other_disposition)
        cls.leg = factories.LegFactory(
            call=cls.call,
            side="b",
            party="agent",
            status=Status.BUSY,
            number="+919000000777",
            **at(later),
        )
        factories.LegFactory(call=cls.other.call, side="a", party="customer")
        cls.member = factories.ParticipantFactory(
            call=cls.call,
            conference__account=cls.account,
            conference__alias="stand-up",
            conference__created_at=later,
            conference__updated_at=later,
            **at(later),
        )
        cls.recording = factories.RecordingFactory(
            call=cls.call, conference=cls.member.conference, account=cls.account, **at(later)
        )
        factories.RecordingFactory(call=None, conference=cls.other.conference, state="")
        for model, row in ((ServiceNumber, cls.service), (Agent, cls.agent)):
            model.objects.exclude(pk=row.pk).update(created_at=NOON)
            model.objects.filter(pk=row.pk).update(created_at=later)
        cls.delivery = factories.DeliveryFactory(
            endpoint__account=cls.account,
            provider="callerdesk",
            subject=cls.call.pk,
            kind="call_report",
            state="failed",
            reason="A fault.",
            received_at=later,
        )
        factories.DeliveryFactory(received_at=NOON, provider="freeclimb", kind="callStatus")
        Account.objects.exclude(pk=cls.account.pk).update(created_at=NOON)
        Account.objects.filter(pk=cls.account.pk).update(created_at=later)

    def cases(self):
        """Resource → filterset, the row meant, parameter → value."""
        call, member, conference = self.call, self.member, self.member.conference
        moments = {"gte": DAY_LATER, "gt": HOURS_LATER, "lte": DAY_LATER, "lt": TWO_DAYS_LATER}

        def when(*columns):
            return {f"{c}__{way}": value for c in columns for way, value in moments.items()}

        def seconds(column, value):
            return {f"{column}__{way}": value + more for way, more in MORE.items()}

        provider = {"provider": "callerdesk", "provider__in": "callerdesk"}
        account = provider | {"account": self.account.id}
        created = when("created_at", "updated_at")
        return {
            "calls": (
                filtersets.CallFilterSet,
                call,
                account
                | when("begun_at", "ended_at", "created_at", "updated_at")
                | seconds("duration_seconds", 300)
                | seconds("talk_seconds", 200)
                | seconds("waited_seconds", 100)
                | {
                    "provider_call_id": call.provider_call_id,
                    "provider_request_id": "R1",
                    "parent": self.parent.id,
                    "is_root": "false",
                    "conference": conference.id,
                    "status": "no_answer",
                    "status__in": "no_answer,busy",
                    "outcome": "missed",
                    "direction": "outbound",
                    "direction__in": "outbound,unknown",
                    "is_over": "false",
                    "live": "true",
                    "missed": "true",
                    "flagged": "true",
                    "flag": "parent_loop",
                    "answered_by": "machine",
                    "answered_by__in": "machine",
                    "number": "09000 011111",
                    "from_number": "90000-11111",
                    "to_number": "+91 90000 22222",
                    "customer_number": "9000012345",
                    "service_number": "0 90000 54321",
                    "agent": self.agent.id,
                    "group": "sales",
                    "source": "Flyer",
                    "has_recording": "true",
                    "in_conference": "true",
                    "tag": "Complaint",
                    "disposition": "Sold",
                },
            ),
            "legs": (
                filtersets.LegFilterSet,
                self.leg,
                account
                | created
                | {
                    "call": call.id,
                    "provider_call_id": call.provider_call_id,
                    "connected_call": self.leg.connected_call_id,
                    "side": "b",
                    "party": "agent",
                    "status": "busy",
                    "status__in": "busy,failed",
                    "number": "90000 00777",
                },
            ),
            "conferences": (
                filtersets.ConferenceFilterSet,
                conference,
                account
                | created
                | {
                    "provider_conference_id": conference.provider_conference_id,
                    "alias": "stand-up",
                    "status": conference.status,
                    "status__in": conference.status,
                    "call": call.id,
                },
            ),
            "participants": (
                filtersets.ParticipantFilterSet,
                member,
                account
                | created
                | {
                    "conference": conference.id,
                    "provider_conference_id": conference.provider_conference_id,
                    "call": call.id,
                    "provider_call_id": call.provider_call_id,
                    "state": "joined",
                },
            ),
            "recordings": (
                filtersets.RecordingFilterSet,
                self.recording,
                account
                | created
                | {
                    "provider_recording_id": self.recording.provider_recording_id,
                    "call": call.id,
                    "provider_call_id": call.provider_call_id,
                    "conference": conference.id,
                    "provider_conference_id": conference.provider_conference_id,
                    "state": "available",
                },
            ),
            "accounts": (
                filtersets.AccountFilterSet,
                self.account,
                when("created_at") | provider | {"name": self.account.name},
            ),
            "service-numbers": (
                filtersets.ServiceNumberFilterSet,
                self.service,
                account
                | when("created_at")
                | {"number": "9000054321", "label": "Main", "source": "Flyer"}
                | {"campaign": "Spring"},
            ),
            "agents": (
                filtersets.AgentFilterSet,
                self.agent,
                account | when("created_at") | {"number": "9000000777", "name": "Asha"},
            ),
            "tags": (filtersets.TagFilterSet, self.tag, {"name": "Complaint"}),
            "dispositions": (
                filtersets.DispositionFilterSet,
                self.disposition,
                {"name": "Sold", "active": "true"},
            ),
            "deliveries": (
                DeliveryFilterSet,
                self.delivery,
                account
                | when("received_at")
                | {
                    "endpoint": self.delivery.endpoint_id,
                    "kind": "call_report",
                    "subject": call.id,
                    "state": "failed",
                    "state__in": "failed,ignored",
                },
            ),
        }

    def test_each_filter_restricts_and_none_is_left_out(self):
        for name, (filterset, row, values) in self.cases().items():
            known = set(filterset.base_filters)
            untried = {"provider_account_id"} if name == "accounts" else set()
            self.assertEqual(known, values.keys() | untried, name)
            for parameter, value in values.items():
                with self.subTest(name, parameter=parameter):
                    found = self.ids(name, **{parameter: value})
                    if parameter.endswith(("__lte", "__lt")):  # what they leave out: see below
                        self.assertIn(str(row.pk), found)
                    elif parameter in ("has_recording", "in_conference"):  # of what it dialled too
                        self.assertIn(str(self.parent.pk), found)
                        self.assertNotIn(str(self.bare.pk), found)
                    else:
                        self.assertEqual(found, [str(row.pk)])

    def test_less_and_at_most_leave_what_is_greater_out(self):
        for name, (_, row, values) in self.cases().items():
            for parameter in values:
                column, _, way = parameter.rpartition("__")
                if way not in ("lte", "lt"):
                    continue
                just_below = {"lte": -1, "lt": 0}[way]
                value = (
                    MORE_OF.get(column, 0) + just_below
                    if column.endswith("_seconds")
                    else {"lte": HOURS_LATER, "lt": DAY_LATER}[way]
                )
                with self.subTest(name, parameter=parameter):
                    self.assertNotIn(str(row.pk), self.ids(name, **{parameter: value}))
