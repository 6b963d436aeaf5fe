"""The list of missed calls to return."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import time_machine

from calls.choices import Direction, Status
from calls.desk import missed
from calls.models import Agent, MissedCustomer, StaleSlot, Tally
from calls.tallies import recount_everything
from tests import factories
from tests.admin import AdminTestCase
from tests.calls.lively import counted, links

NOW = datetime(2026, 11, 3, 16, 20, 30, tzinfo=UTC)
ASHA = "+13125550801"


class MissedCustomersTests(AdminTestCase):
    url = "/admin/calls/missedcustomer/"

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory()

    def setUp(self):
        super().setUp()
        travel = time_machine.travel(NOW, tick=False)
        travel.start()
        self.addCleanup(travel.stop)

    def missed(self, number, *hours_ago, **fields):
        fields = {"status": Status.NO_ANSWER, "missed": True} | fields
        return [
            factories.CallFactory(
                account=self.account,
                customer_number=f"+1312555{number:04}",
                begun_at=NOW - timedelta(hours=hours),
                **fields,
            )
            for hours in hours_ago
        ]

    def lines(self, **parameters):
        recount_everything()
        return self.open(self.url, **parameters).context["lines"]

    def last_calls(self, **parameters):
        return [line.missed.last_call for line in self.lines(**parameters)]

    def test_one_line_per_customer_oldest_first_until_somebody_answers(self):
        (new,) = self.missed(2001, 1)
        _, old = self.missed(2002, 48, 2)
        self.missed(2003, 5)
        self.missed(2003, 4, status=Status.COMPLETED, missed=False)
        self.assertEqual(self.last_calls(), [old, new])

    def test_who_tried_and_when_is_told(self):
        self.missed(2001, 5)
        out = {"direction": Direction.OUTBOUND, "missed": False}
        self.missed(2001, 4, 3, agent_number=ASHA, **out)
        self.missed(2002, 2)
        recount_everything()
        Agent.objects.filter(number=ASHA).update(name="Asha")
        page = self.open(self.url)
        self.assertContains(page, "2 times by Asha")
        self.assertContains(page, "last Tue 3 Nov 13:20")
        self.assertContains(page, "Not yet", 1)
        self.assertEqual(len(self.lines(tried="no")), 1)

    def test_each_number_is_what_the_list_behind_it_counts(self):
        self.missed(2001, 90, 50, 2)
        self.missed(2001, 100, status=Status.COMPLETED, missed=False)
        self.missed(2001, 1, direction=Direction.OUTBOUND, missed=False)
        self.missed(2002, 4)
        recount_everything()
        followed = links(self.open(self.url))
        self.assertEqual([number for _, number in followed], [3, 1])
        for url, number in followed:
            self.assertEqual(counted(self, url), number)
        (line, _) = self.lines()
        self.assertEqual(counted(self, line.calls_url), 5)

    def test_the_period_is_when_they_were_first_missed(self):
        for number, days in enumerate((0, 5, 20, 45)):
            self.missed(2000 + number, days * 24 + 1)
        told = [len(self.lines(period=name)) for name in ("", "today", "7", "all", "nonsense")]
        self.assertEqual(told, [3, 1, 2, 4, 3])

    def test_pages_follow_each_other_without_a_gap_also_where_times_are_equal(self):
        for number in range(7):
            self.missed(2000 + number, 3 if number < 5 else 2)
        recount_everything()
        seen, url = [], self.url
        with patch.object(missed, "PAGE", 2):
            while url:
                page = self.open(url)
                seen += [line.missed for line in page.context["lines"]]
                self.assertEqual(page.context["count"].number, 7)
                following = page.context["next_url"]
                url = following and self.url + following
        self.assertEqual(seen, list(MissedCustomer.objects.order_by("first_missed_at", "id")))

    def test_no_address_holds_an_id_that_a_number_could_be_computed_from(self):
        for number in range(2):
            self.missed(2000 + number, 9 - number)
        recount_everything()
        with patch.object(missed, "PAGE", 1):
            page = self.open(self.url)
        for row in MissedCustomer.objects.all():
            self.assertNotContains(page, row.pk.hex)
            self.assertNotContains(page, str(row.pk))

    def test_the_next_page_is_found_though_the_row_at_its_edge_was_called_back(self):
        for number in range(3):
            self.missed(2000 + number, 9 - number)
        recount_everything()
        with patch.object(missed, "PAGE", 1):
            page = self.open(self.url)
            page.context["lines"][0].missed.delete()
            page = self.open(self.url + page.context["next_url"])
        self.assertEqual(page.context["lines"][0].missed.customer_number, "+13125552001")

    def test_nonsense_in_the_address_is_the_first_page(self):
        self.missed(2001, 1)
        for after in ("x", "1.2", "9" * 40 + "." + "0" * 32, "\x00", "5." + "0" * 31):
            self.assertEqual(len(self.lines(after=after)), 1, after)

    def test_nobody_waiting_is_good_news(self):
        self.assertContains(self.open(self.url), "Everybody was called back")

    def test_queries_do_not_grow_with_the_list(self):
        self.missed(2001, 5)
        self.missed(2001, 4, direction=Direction.OUTBOUND, missed=False, agent_number=ASHA)
        recount_everything()
        few = self.queries(self.url)
        for number in range(20):
            self.missed(2100 + number, 5, service_number=f"+131255540{number:02}")
        recount_everything()
        self.assertEqual(self.queries(self.url), few)
        self.assertLessEqual(few, 15)

    def test_who_may_see_calls_may_see_it_masked(self):
        self.missed(2001, 5)
        out = {"direction": Direction.OUTBOUND, "missed": False}
        self.missed(2001, 4, agent_number=ASHA, agent_name=f"Asha {ASHA}", **out)
        recount_everything()
        self.client.force_login(factories.UserFactory(may=["view_call"]))
        row = MissedCustomer.objects.get()
        for page in (self.open(self.url), self.open_row(row)):
            text = page.content.decode()
            self.assertIn("+1••••••2001", text)
            for number in ("3125552001", row.service_number[-9:], ASHA[-9:]):
                self.assertNotIn(number, text)

    def test_who_may_not_see_calls_may_not(self):
        self.client.force_login(factories.UserFactory(may=["view_missedcustomer"]))
        self.assertEqual(self.client.get(self.url).status_code, 403)

    def test_no_number_is_in_what_the_pages_are_made_from(self):
        call = self.missed(2001, 5, agent_number=ASHA)[0]
        recount_everything()
        slot = StaleSlot.objects.create(
            begins_at=NOW, changed_at=NOW, customers=[call.customer_number]
        )
        self.look_only()
        rows = [*Tally.objects.all(), slot]
        self.assertGreater(len(rows), 3)
        for row in rows:
            text = self.open_row(row).content.decode()
            for number in (call.customer_number, call.service_number, ASHA):
                self.assertNotIn(number[-9:], text)
