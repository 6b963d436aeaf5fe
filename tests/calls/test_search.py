"""The search that forgives, and what it does not give away."""

import re
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode
from uuid import uuid4

from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from calls.desk.calls_list import neighbours, page
from calls.desk.calls_list.filtered import Filtered
from calls.keyset import Keyset
from calls.models import Call
from calls.search import ends_in
from calls.viewer import viewer_for
from tests import factories
from tests.admin import AdminTestCase, address
from tests.calls.directory import agent, service_number
from tests.factories import NOON
from tests.people import member

LIST = reverse("admin:calls_call_changelist")


class SearchTestCase(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.sees_none = factories.UserFactory(may=["view_call"])
        cls.india = factories.AccountFactory(callerdesk=True)
        cls.states = factories.AccountFactory()
        cls.asha = agent(cls.india, "+919000000777", name="Asha Rao", heard_name="RAO A")
        cls.bilal = agent(cls.states, "+13125550199", heard_name="Bilal Ashton")
        cls.shop = service_number(cls.india, "+919000054321", label="Shop")
        cls.wanted = factories.CallFactory(
            account=cls.india,
            from_number="+919876543210",
            to_number="+919000054321",
            agent_number=cls.asha.number,
        )
        cls.other = factories.CallFactory(account=cls.states, agent_number=cls.bilal.number)

    def search(self, text):
        """The list that a search ends at, wherever it leads."""
        response = self.client.get(LIST, {"q": text}, follow=True)
        self.assertEqual(response.status_code, 200)
        return response

    def found(self, text):
        return self.search(text).context["cl"].result_list


class NumberTests(SearchTestCase):
    def test_last_digits_are_found_and_counted_by_an_index_without_the_table(self):
        (index,) = (one for one in Call._meta.indexes if one.name == "call_by_last_digits")
        filtered = Filtered(QueryDict("q=3210"), viewer_for(self.superuser))
        (way,) = filtered.ways
        first, counted = Keyset(Call, "begun_at").beyond(way, None), filtered.to_count
        for rows in (first.values("pk"), counted.values("pk")):
            asked = set(re.findall(r'"calls_call"\."(\w+)"', str(rows.query)))
            self.assertLessEqual(asked, {name for name, _ in index.fields_orders})

    def test_a_customers_number_is_found_in_any_format(self):
        for text in (
            *("+91 98765-43210", "09876543210", "9876543210", "919876543210", "+919876543210"),
            *("0091 98765 43210", "(98765) 43210", " 98765.43210 ", "98765/43210"),
            *("43210", "3210", "876543210"),
        ):
            with self.subTest(text):
                self.assertEqual(self.found(text), [self.wanted])

    def test_the_whole_number_leaves_the_address(self):
        response = self.client.get(LIST, {"q": "09876543210", "status": "completed"})
        at = f"{LIST}?status=completed&customer_of={self.wanted.pk}"
        self.assertRedirects(response, at, fetch_redirect_response=False)

    def test_our_own_numbers_lead_to_their_calls(self):
        for text, name, row in (
            ("090000 00777", "agent", self.asha),
            ("0777", "agent", self.asha),
            ("(312) 555-0199", "agent", self.bilal),
            ("+91 90000 54321", "service_number", self.shop),
            ("54321", "service_number", self.shop),
        ):
            with self.subTest(text):
                response = self.client.get(LIST, {"q": text})
                at = f"{LIST}?{name}={row.pk}"
                self.assertRedirects(response, at, fetch_redirect_response=False)

    def test_a_customers_number_that_is_ours_too_says_so(self):
        called = factories.CallFactory(account=self.india, from_number=self.asha.number)
        response = self.search("+919000000777")
        self.assertEqual(response.context["cl"].result_list, [called])
        self.assertContains(response, "Agent Asha Rao")
        self.assertContains(response, f"?agent={self.asha.pk}")
        self.assertContains(self.search("0777"), f"?agent={self.asha.pk}")

    def test_a_number_that_was_stored_as_it_was_sent(self):
        odd = factories.CallFactory(account=self.india, from_number="0120-4040")
        self.assertEqual(self.found("01204040"), [odd])
        self.assertEqual(self.found("4040"), [odd])

    def test_digits_that_lead_nowhere_say_so(self):
        for text, words in {
            "999": "at least the last four digits",
            "99999": "No number ends in 99999",
            "+1 312 555 9999": "No number ends in",
        }.items():
            with self.subTest(text):
                response = self.search(text)
                self.assertContains(response, words)
                self.assertEqual(response.context["cl"].result_list, [])

    def test_the_range_of_numbers_with_an_end_is_neither_wider_nor_narrower(self):
        numbers = ["+13125551299", "+13125551399", "+13125559999", "+13125559998", "+13125550129"]
        calls = {number: factories.CallFactory(from_number=number) for number in numbers}
        for end in ("1299", "9999", "0129", "9998", "99", "59999", "9"):
            with self.subTest(end):
                found = Call.objects.filter(ends_in(end), pk__in=[c.pk for c in calls.values()])
                expected = {call for number, call in calls.items() if number.endswith(end)}
                self.assertEqual(set(found), expected)


class IdTests(SearchTestCase):
    def test_an_id_leads_straight_to_the_calls_page(self):
        child = factories.CallFactory(account=self.states, parent=self.other)
        report = factories.CallFactory(account=self.india, provider_call_id="1672649960.960")
        for call in (self.wanted, child, report):
            for text in (str(call.pk), call.pk.hex, f" {call.provider_call_id} "):
                with self.subTest(text):
                    response = self.client.get(LIST, {"q": text})
                    page = address(Call, "change", call.pk)
                    self.assertRedirects(response, page, fetch_redirect_response=False)

    def test_an_id_that_two_accounts_have_lists_both(self):
        twin = factories.CallFactory(provider_call_id=self.wanted.provider_call_id)
        self.assertEqual(self.found(twin.provider_call_id), [twin, self.wanted])

    def test_an_id_of_nothing_finds_nothing(self):
        self.assertContains(self.search(str(uuid4())), "No call id, number or name")


class NameTests(SearchTestCase):
    def test_an_agent_is_found_by_the_beginning_of_any_of_their_names(self):
        for text in ("asha rao", "Rao", "rao a", "ASHA R"):
            with self.subTest(text):
                self.assertEqual(self.found(text), [self.wanted])
        self.assertEqual(self.found("bil"), [self.other])

    def test_several_of_a_name_are_listed_together(self):
        response = self.search("ash")
        self.assertEqual(response.context["cl"].result_list, [self.other, self.wanted])
        self.assertContains(response, "Agent Asha Rao or Agent Bilal Ashton")

    def test_a_service_number_is_found_by_its_label(self):
        self.assertEqual(self.found("shop"), [self.wanted])

    def test_the_middle_of_a_word_is_no_name(self):
        for text in ("sha", "%", "_", "nobody", "\x00"):
            with self.subTest(text):
                self.assertNotIn(self.other, self.found(text) if text != "\x00" else [])


class HiddenNumberTests(SearchTestCase):
    """Who sees no full number may look for one they know, and learns none."""

    def setUp(self):
        self.client.force_login(self.sees_none)

    def test_a_whole_number_or_exactly_four_digits_are_found(self):
        for text in ("+91 98765-43210", "09876543210", "3210"):
            with self.subTest(text):
                self.assertEqual(self.found(text), [self.wanted])

    def test_anything_between_says_what_may_be_asked(self):
        for text in ("43210", "543210", "876543210", "+91987654321", "321"):
            with self.subTest(text):
                response = self.search(text)
                self.assertEqual(response.context["cl"].result_list, [])
                self.assertContains(response, "last four digits")

    def test_no_page_that_a_search_ends_at_shows_a_number(self):
        factories.LegFactory(call=self.wanted, number="+919876543210", name="")
        for text in ("+919876543210", "9876543210", "919876543211", "Asha", "Shop", "3210", "0777"):
            with self.subTest(text):
                response = self.search(text)
                page = response.content.decode() + str(response.redirect_chain)
                for number in ("9876543210", "9000000777", "9000054321", "919876543211"):
                    self.assertNotIn(number, page)

    def test_a_number_in_a_name_is_not_found_out_digit_by_digit(self):
        agent(self.india, "+919000000778", name="Ravi 98123 45670")
        for text in ("Ravi 98", "Ravi 98123", "ravi 98123 456"):
            with self.subTest(text):
                self.assertContains(self.search(text), "No call id, number or name is like")
        self.assertNotContains(self.search("Ravi"), "No call id, number or name is like")
        self.client.force_login(member("Supervisor"))
        self.assertNotContains(self.search("Ravi 98"), "No call id, number or name is like")

    def test_what_is_searched_for_is_no_sign_of_a_hidden_one(self):
        self.assertNotContains(self.search("43211"), "43211")


class CostTests(SearchTestCase):
    def test_no_search_reads_through_calls(self):
        for text in ("43210", "+91 98765-43210", "Asha", "nobody", str(self.wanted.pk), "x y"):
            with self.subTest(text), CaptureQueriesContext(connection) as captured:
                self.search(text)
            reads = [one["sql"] for one in captured if '"calls_call"' in one["sql"]]
            self.assertTrue(reads)
            for statement in reads:
                self.assertNotIn("LIKE", statement)
                self.assertNotIn("UPPER", statement)
            self.assertLessEqual(len(captured), 30)  # a redirect and two pages


class SeveralNumbersTests(SearchTestCase):
    """One text that means numbers of ours on several accounts: each has its part of the list."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        two = [(cls.india, "+919000000701"), (cls.states, "+13125550701")]
        for account, number in two:
            agent(account, number, name="Chitra")
        cls.theirs = [
            factories.CallFactory(
                account=two[at % 2][0],
                agent_number=two[at % 2][1],
                begun_at=NOON - timedelta(minutes=at),
                group_name="Sales" if at % 3 else "",
            )
            for at in range(13)
        ]
        # The other's number on an account is somebody else.
        agent(cls.india, "+13125550701", name="Dev")
        factories.CallFactory(account=cls.india, agent_number="+13125550701")

    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(page, "PER_PAGE", 4))

    def pages(self, **query):
        shown, url = [], f"{LIST}?{urlencode(query)}"
        while url:
            context = self.client.get(url).context
            shown.append(list(context["cl"].result_list))
            url = context["pager"].older_url and LIST + context["pager"].older_url
        return shown, context

    def test_their_calls_follow_each_other_newest_first_over_all_pages(self):
        shown, context = self.pages(q="Chitra")
        self.assertEqual(sum(shown, []), self.theirs)
        self.assertEqual([len(rows) for rows in shown], [4, 4, 4, 1])
        self.assertEqual(context["count"].number, 13)
        back = self.client.get(LIST + context["pager"].newer_url).context["cl"].result_list
        self.assertEqual(back, shown[-2])

    def test_other_filters_restrict_each_part(self):
        shown, _ = self.pages(q="Chitra", group="Sales")
        self.assertEqual(sum(shown, []), [call for call in self.theirs if call.group_name])

    def test_a_call_knows_its_neighbours_in_it(self):
        request = self.client.get(LIST).wsgi_request
        request.GET = QueryDict("from=q%3DChitra")
        newer, older = neighbours(request, self.theirs[5])
        self.assertEqual((newer, older), (self.theirs[4].pk, self.theirs[6].pk))
