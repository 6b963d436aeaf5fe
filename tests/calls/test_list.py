"""The list of calls: rows, what unfolds beneath them, pages, and how much it asks the database."""

from datetime import timedelta

from calls.desk.calls_list import neighbours
from calls.models import Call, CallDisposition, CallTag, Disposition, Tag
from calltrack.models import Profile
from tests import factories
from tests.admin import AdminTestCase, address
from tests.calls.directory import agent, service_number
from tests.factories import NOON


class ListTests(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory()

    def test_a_row_tells_who_called_where_who_took_it_and_how_it_ended(self):
        service_number(self.account, "+13125550100", label="Shop", source="Flyer")
        agent(self.account, "+13125550199", name="Asha")
        call = factories.CallFactory(
            account=self.account,
            from_number="+13125550042",
            agent_number="+13125550199",
            agent_answered=True,
            waited_seconds=12,
            talk_seconds=200,
            flagged=True,
            flags=["end_without_start"],
        )
        factories.RecordingFactory(call=call)
        CallTag.objects.create(call=call, tag=Tag.objects.create(name="Complaint"))
        sold = Disposition.objects.create(name="Sold")
        CallDisposition.objects.create(call=call, disposition=sold)
        page = self.open_list(Call)
        for words in (
            *("+13125550042", "Shop", "Asha", "Inbound", "Completed", "12 s", "3 min 20 s"),
            *(
                "Recorded",
                "end without start",
                "Complaint",
                "Sold",
                "FreeClimb",
                f"{call.begun_at:%H:%M:%S}",
            ),
        ):
            with self.subTest(words):
                self.assertContains(page, words)
        self.assertNotContains(page, 'title="In a conference"')

    def test_an_agent_who_did_not_take_it_only_rang(self):
        agent(self.account, "+13125550199", name="Asha")
        call = {"account": self.account, "agent_number": "+13125550199"}
        factories.CallFactory(**call, agent_answered=False)
        self.assertContains(self.open_list(Call), "rang at Asha")

    def test_only_conversations_are_rows_what_they_dialled_unfolds_beneath(self):
        call = factories.CallFactory(account=self.account)
        child = factories.CallFactory(account=self.account, parent=call, talk_seconds=61)
        factories.LegFactory(call=call, side="a", number="+13125550777", name="")
        dialled = factories.LegFactory(call=call, connected_call=child, name="Shown as a call")
        page = self.open_list(Call)
        self.assertEqual(page.context["cl"].result_list, [call])
        self.assertContains(page, f'id="beneath-{call.pk}"')
        self.assertContains(page, address(Call, "change", child.pk))
        self.assertContains(page, "1 min 01 s")
        self.assertContains(page, "+13125550777")
        self.assertNotContains(page, dialled.name)

    def test_what_hangs_on_a_dialled_call_marks_its_conversation(self):
        call = factories.CallFactory(account=self.account)
        child = factories.CallFactory(account=self.account, parent=call)
        factories.RecordingFactory(call=child)
        factories.ParticipantFactory(call=child, conference__account=self.account)
        page = self.open_list(Call)
        self.assertContains(page, 'title="Recorded"')
        self.assertContains(page, 'title="In a conference"')

    def test_rows_have_a_bound_of_what_unfolds(self):
        call = factories.CallFactory(account=self.account)
        for _ in range(22):
            factories.CallFactory(account=self.account, parent=call)
        page = self.open_list(Call)
        self.assertEqual(page.content.count(b"Dialled call</span>"), 20)
        self.assertContains(page, "More on the call")

    def test_a_call_that_dialled_many_leaves_the_others_theirs(self):
        first, second = (factories.CallFactory(account=self.account) for _ in range(2))
        for parent in (*[first] * 50, second):
            last = factories.CallFactory(account=self.account, parent=parent)
        page = self.open_list(Call)
        self.assertEqual(page.content.count(b"Dialled call</span>"), 21)
        self.assertContains(page, address(Call, "change", last.pk))

    def test_days_are_those_of_the_persons_own_time_zone(self):
        Profile.objects.create(user=self.superuser, time_zone="Asia/Kolkata")
        begun_at = NOON.replace(hour=20)  # half past one on the next day in India
        factories.CallFactory(account=self.account, begun_at=begun_at)
        page = self.open_list(Call)
        self.assertContains(page, "01:30:00")
        self.assertContains(page, "15 March")

    def test_pages_follow_each_other_and_name_no_number_of_rows_twice(self):
        for _ in range(60):
            factories.CallFactory(account=self.account)
        first = self.open_list(Call, direction="inbound")
        self.assertContains(first, "<strong>60</strong> conversations")
        second = self.open(address(Call, "changelist") + first.context["pager"].older_url)
        rows = [*first.context["cl"].result_list, *second.context["cl"].result_list]
        self.assertEqual(rows, list(Call.objects.order_by("-begun_at", "-id")))
        self.assertContains(second, "direction=inbound")

    def test_a_call_knows_its_neighbours_in_the_list_one_came_from(self):
        calls = [factories.CallFactory(account=self.account, missed=at != 1) for at in range(4)]
        for query, expected in {
            "from=": (calls[3].pk, calls[1].pk),
            "from=missed%3Dtrue": (calls[3].pk, calls[0].pk),
            "from=missed%3Dmaybe": (None, None),
            "": (None, None),
        }.items():
            with self.subTest(query):
                request = self.open(address(Call, "changelist")).wsgi_request
                request.GET = request.GET.__class__(query)
                self.assertEqual(neighbours(request, calls[2]), expected)

    def test_a_row_leads_to_its_call_with_the_way_back(self):
        call = factories.CallFactory(account=self.account, missed=True)
        page = self.open_list(Call, missed="true")
        self.assertContains(page, address(Call, "change", call.pk) + "?from=missed%3Dtrue")

    def test_what_strangers_sent_is_escaped(self):
        evil = "<script>alert(1)</script>"
        call = factories.CallFactory(
            account=self.account, from_number=evil, agent_number="7", agent_name=evil
        )
        factories.LegFactory(call=call, name=evil)
        for page in (self.open_list(Call), self.open_list(Call, q=evil, group=evil, evil=evil)):
            self.assertNotContains(page, evil)
            self.assertContains(page, "&lt;script&gt;")

    def test_nobody_posts_to_it(self):
        posted = self.client.post(address(Call, "changelist"), {"action": "delete_selected"})
        self.assertEqual(posted.status_code, 403)

    def test_an_empty_list_says_so(self):
        self.assertContains(self.open_list(Call), "No calls here")


class QueryTests(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory()
        cls.person = factories.UserFactory(may=["view", "see_full_numbers", "export_call"])

    def fill(self, many):
        for _ in range(many):
            number = f"+1312555{9000 + Call.objects.count():04d}"
            service_number(self.account, number, label="Shop", source="Flyer")
            agent(self.account, number, name="Asha")
            call = factories.CallFactory(
                account=self.account,
                to_number=number,
                agent_number=number,
                begun_at=NOON + timedelta(minutes=Call.objects.count()),
            )
            child = factories.CallFactory(account=self.account, parent=call)
            factories.LegFactory(call=call)
            factories.LegFactory(call=child, number=number)
            factories.RecordingFactory(call=call)
            factories.ParticipantFactory(call=call, conference__account=self.account)
            tag = Tag.objects.get_or_create(name="Complaint")[0]
            CallTag.objects.create(call=call, tag=tag)

    def test_sixty_rows_take_the_queries_of_one_and_no_more_than_fifteen(self):
        self.client.force_login(self.person)
        self.fill(1)
        tag = Tag.objects.get()
        asked = ("", "q=0042", "missed=false", "group=Sales&period=today", f"tag={tag.pk}")
        urls = [f"{address(Call, 'changelist')}?{query}" for query in asked]
        before = [self.queries(url) for url in urls]
        self.fill(59)
        for url, few in zip(urls, before, strict=True):
            with self.subTest(url):
                many = self.queries(url)
                self.assertLessEqual(many, 15)
                self.assertLessEqual(many, few + 3)  # the first page of several counts them
        with self.assertNumQueries(self.queries(urls[0])):
            self.open(urls[0])
