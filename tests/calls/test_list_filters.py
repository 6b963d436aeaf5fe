"""The filters of the desk's list: what each finds, how it is said, and what a bad one is told."""

from datetime import timedelta
from uuid import uuid4

import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from calls.choices import Status
from calls.desk.calls_list import Filtered
from calls.models import Call, CallDisposition, CallTag, Disposition, Tag
from calltrack.models import Profile
from tests import factories
from tests.admin import AdminTestCase, address
from tests.calls.directory import agent, service_number
from tests.factories import NOON


class FilterTests(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.other = factories.CallFactory()

    def test_a_moment_that_the_viewers_clock_never_shows_is_told_in_utc(self):
        Profile.objects.create(user=self.superuser, time_zone="Asia/Kolkata")
        asked = {"begun_at__lt": "9999-12-31T23:59:59Z"}
        page = self.client.get(address(Call, "changelist"), asked)
        self.assertContains(page, "9999-12-31 23:59 UTC")

    def test_each_filter_finds_its_calls_and_no_others(self):
        participant = factories.ParticipantFactory()
        wanted = factories.CallFactory(
            account__callerdesk=True,
            status=Status.NO_ANSWER,
            direction="outbound",
            missed=True,
            is_over=False,
            flagged=True,
            answered_by="machine",
            group_name="Sales",
            from_number="+919000054321",
            to_number="+919000012345",
            customer_number="+919000012345",
            service_number="+919000054321",
            agent_number="+919000000777",
            duration_seconds=300,
            talk_seconds=200,
        )
        factories.RecordingFactory(call=wanted)
        taken = factories.ParticipantFactory(call=wanted, conference__account=wanted.account)
        tag, word = Tag.objects.create(name="Complaint"), Disposition.objects.create(name="Sold")
        CallTag.objects.create(call=wanted, tag=tag)
        CallDisposition.objects.create(call=wanted, disposition=word)
        service = service_number(wanted.account, "+919000054321", label="Shop", source="Flyer")
        cases = {
            "provider": "callerdesk",
            "provider_call_id": wanted.provider_call_id,
            "account": wanted.account_id,
            "status": "no_answer",
            "outcome": "missed",
            "direction": "outbound",
            "missed": "true",
            "live": "true",
            "flagged": "true",
            "answered_by": "machine",
            "group": "sales",
            "agent": agent(wanted.account, "+919000000777", name="Asha").pk,
            "service_number": service.pk,
            "source": "Flyer",
            "customer_of": wanted.pk,
            "duration_min": "5:00",
            "talk_min": "200",
            "has_recording": "true",
            "tag": tag.pk,
            "disposition": word.pk,
            "conference": taken.conference_id,
            "q": "12345",
        }
        for name, value in cases.items():
            with self.subTest(name):
                self.assertEqual(self.listed(Call, **{name: value}), [wanted])
        self.assertEqual(self.listed(Call, in_conference="true"), [wanted, participant.call])
        short = factories.CallFactory(duration_seconds=9, talk_seconds=3)
        for name, value in {"duration_max": "0:10", "talk_max": "3"}.items():
            with self.subTest(name):
                self.assertEqual(self.listed(Call, **{name: value}), [short])

    def test_dialled_calls_are_listed_where_their_parent_is_asked_for(self):
        child = factories.CallFactory(account=self.other.account, parent=self.other)
        self.assertEqual(self.listed(Call, parent=self.other.pk), [child])
        self.assertEqual(self.listed(Call), [self.other])

    def test_a_number_means_something_within_its_account_only(self):
        number = "+13125550199"
        mine = factories.CallFactory(agent_number=number)
        factories.CallFactory(agent_number=number)
        self.assertEqual(self.listed(Call, agent=agent(mine.account, number).pk), [mine])

    def test_answered_missed_and_failed_are_the_words_of_the_home_page(self):
        calls = {status: factories.CallFactory(status=status) for status in Status}
        answered = self.listed(Call, outcome="answered")
        expected = [calls[Status.COMPLETED], calls[Status.IN_PROGRESS], self.other]
        self.assertEqual(answered, expected)
        self.assertEqual(self.listed(Call, outcome="failed"), [calls[Status.FAILED]])

    def test_several_words_find_any_of_them(self):
        busy = factories.CallFactory(status=Status.BUSY)
        failed = factories.CallFactory(status=Status.FAILED)
        self.assertEqual(self.listed(Call, status=["busy", "failed"]), [failed, busy])


@time_machine.travel("2026-03-14T20:00:00Z", tick=False)  # 01:30 on the 15th in India
class PeriodTests(AdminTestCase):
    def setUp(self):
        super().setUp()
        Profile.objects.create(user=self.superuser, time_zone="Asia/Kolkata")
        midnight = NOON.replace(hour=18, minute=30)  # where the 15th begins there
        self.today = factories.CallFactory(begun_at=midnight)
        self.yesterday = factories.CallFactory(begun_at=midnight - timedelta(seconds=1))
        self.last_week = factories.CallFactory(begun_at=midnight - timedelta(days=6))
        self.older = factories.CallFactory(begun_at=midnight - timedelta(days=6, seconds=1))

    def test_periods_are_days_of_the_persons_time_zone(self):
        week = [self.today, self.yesterday, self.last_week]
        for given, expected in {
            "period=today": [self.today],
            "period=yesterday": [self.yesterday],
            "period=7d": week,
            "period=30d": [*week, self.older],
            "since=2026-03-15": [self.today],
            "until=2026-03-14": [self.yesterday, self.last_week, self.older],
            "since=2026-03-14&until=2026-03-14": [self.yesterday],
            "begun_at__gte=2026-03-14T18:30:00Z": [self.today],
            "begun_at__lt=2026-03-08T18:30:00Z": [self.older],
        }.items():
            with self.subTest(given):
                page = self.open(f"{address(Call, 'changelist')}?{given}")
                self.assertEqual(page.context["cl"].result_list, expected)
        self.assertContains(self.open_list(Call, begun_at__gte="2026-03-14T18:30:00Z"), "00:00")

    def test_the_days_have_names(self):
        page = self.open_list(Call)
        for name in ("Today", "Yesterday", "Monday 9 March"):
            self.assertContains(page, f'scope="rowgroup">{name}</th>')


class AddressTests(AdminTestCase):
    """What stands in the address is told in words, and can be taken out again."""

    def test_the_filter_in_force_is_readable_and_removable_one_by_one(self):
        factories.CallFactory()
        asked = "direction=inbound&status=busy&status=failed&talk_min=90&colour=red&cursor="
        page = self.open(f"{address(Call, 'changelist')}?{asked}")
        chips = {(chip.label, chip.words): chip.url for chip in page.context["filtered"].chips}
        self.assertEqual(
            chips,
            {
                ("", "Busy"): "?direction=inbound&status=failed&talk_min=90",
                ("", "Failed"): "?direction=inbound&status=busy&talk_min=90",
                ("", "Inbound"): "?status=busy&status=failed&talk_min=90",
                ("Talked at least", "1 min 30 s"): "?direction=inbound&status=busy&status=failed",
            },
        )
        for url in chips.values():
            self.assertContains(page, url.replace("&", "&amp;"))

    def test_a_bad_value_is_told_beside_its_field_and_finds_nothing(self):
        factories.CallFactory()
        nobody = uuid4()
        bad = {
            "period": "soon",
            "since": "2026-02-30",
            "until": "0001-01-01",
            "status": "gone",
            "direction": "sideways",
            "outcome": "good",
            "live": "maybe",
            "account": "7",
            "agent": nobody,
            "service_number": nobody,
            "tag": nobody,
            "disposition": "x",
            "duration_min": "long",
            "talk_max": "9" * 30,
            "talk_min": "-1",
            "has_recording": "2",
            "group": "a\x00b",
        }
        for name, value in bad.items():
            with self.subTest(name):
                page = self.open_list(Call, **{name: value})
                self.assertEqual(page.context["cl"].result_list, [])
                self.assertContains(page, f'id="error-{name}"')

    def test_a_bad_value_of_a_filter_without_a_field_is_told_too(self):
        factories.CallFactory()
        for name in ("customer_of", "parent", "conference", "begun_at__gte", "begun_at__lt"):
            for value in ("x", str(uuid4())):
                if value != "x" and name != "customer_of":
                    continue
                with self.subTest(name, value=value):
                    page = self.open_list(Call, **{name: value})
                    self.assertEqual(page.context["cl"].result_list, [])
                    self.assertContains(page, 'class="error"')

    def test_a_period_that_ends_before_it_begins_is_told(self):
        page = self.open_list(Call, since="2026-03-02", until="2026-03-01")
        self.assertContains(page, "ends before it begins")

    def test_what_nobody_reads_is_named_and_left_aside(self):
        call = factories.CallFactory()
        page = self.open_list(Call, colour="red", from_number="+13125550042")
        self.assertEqual(page.context["cl"].result_list, [call])
        self.assertContains(page, "<code>colour</code>")
        self.assertContains(page, "<code>from_number</code>")
        self.assertNotContains(page, "13125550042")

    def test_nonsense_of_any_kind_is_answered_with_the_list(self):
        factories.CallFactory()
        request = self.open_list(Call).wsgi_request
        names = Filtered(QueryDict(), request.viewer).filterset.filters
        for name in (*names, "q"):
            for value in ("\x00", "é" * 300, "'\"\\", "%", "9" * 40, "-1", "1e9", " "):
                with self.subTest(name, value=value):
                    params = QueryDict(mutable=True)
                    params[name] = value
                    filtered = Filtered(params, request.viewer)
                    list(filtered.queryset)
                    self.assertIsInstance(" ".join(filtered.words), str)
        self.open_list(Call, **dict.fromkeys(names, "\x00"))


class BigTableTests(AdminTestCase):
    """What no index answers wants a short period once there are many calls."""

    def setUp(self):
        super().setUp()
        self.call = factories.CallFactory(begun_at=timezone.now(), group_name="Sales")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE calls_call")

    def calls_read(self, **asked):
        with CaptureQueriesContext(connection) as captured:
            page = self.open_list(Call, **asked)
        table = f'FROM "{Call._meta.db_table}"'
        reads = [
            one["sql"] for one in captured if table in one["sql"] and "MAX(rowid)" not in one["sql"]
        ]
        return page, reads

    @override_settings(PERIOD_NEEDED_ABOVE_ROWS=-1)
    def test_a_filter_that_refines_asks_for_a_period_in_words_and_reads_nothing(self):
        today = timezone.now().date()
        slow = [
            {"group": "Sales"},
            {"talk_min": "3"},
            {"direction": "inbound"},
            {"answered_by": "human", "missed": "false"},
            {"has_recording": "false", "since": today - timedelta(days=32)},
        ]
        for asked in slow:
            with self.subTest(asked):
                page, reads = self.calls_read(**asked)
                self.assertContains(page, "needs a period of at most 31 days")
                self.assertEqual(reads, [])
                self.assertContains(page, "period=31d")

    @override_settings(PERIOD_NEEDED_ABOVE_ROWS=-1)
    def test_with_a_short_period_or_one_customer_it_does_not(self):
        today = timezone.now().date()
        quick = [
            {"group": "Sales", "period": "31d"},
            {"group": "Sales", "since": today - timedelta(days=29)},
            {"group": "Sales", "since": today - timedelta(days=29), "until": today},
            {"group": "Sales", "customer_of": self.call.pk},
            {"group": "Sales", "q": self.call.customer_number[-4:]},
            {"missed": "false"},
        ]
        for asked in quick:
            with self.subTest(asked):
                page, _ = self.calls_read(**asked)
                self.assertEqual(page.context["cl"].result_list, [self.call])

    def test_a_small_table_answers_anything(self):
        self.assertEqual(self.listed(Call, group="Sales"), [self.call])
