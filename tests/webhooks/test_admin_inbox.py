"""The inbox: found by index, in pages by key, processed again."""

import json
from datetime import timedelta
from unittest import mock

from django.utils.timezone import now

from calls.keys import call_key
from calls.models import Call
from calltrack.models import AuditEntry, Job
from tests import factories
from tests.admin import AdminTestCase, address
from tests.webhooks.door import call_event
from webhooks import again, inbox
from webhooks.models import Delivery, State

CALL_ID = "CA" + "0" * 39 + "7"
LIST = address(Delivery, "changelist")


class InboxTestCase(AdminTestCase):
    def found(self, **asked):
        return list(self.open(LIST, **asked).context["rows"])

    def failed(self, body=b"\xff", **more):
        more = {"state": State.FAILED, "reason": "It was not understood."} | more
        return factories.DeliveryFactory(body=body, **more)

    def process(self, *deliveries, query="", **more):
        given = {"action": "process_again", "_selected_action": [one.pk for one in deliveries]}
        page = self.client.post(LIST + query, given | more, follow=True)
        for delivery in deliveries:
            delivery.refresh_from_db()
        return [str(message) for message in page.context["messages"]]


class ListTests(InboxTestCase):
    def test_each_filter_finds_its_own(self):
        wanted = factories.DeliveryFactory(
            endpoint__account__callerdesk=True,
            kind="live_call",
            state=State.FAILED,
            reason="It says 1234567.",
            received_at=now() - timedelta(hours=1),
        )
        factories.DeliveryFactory(received_at=now() - timedelta(days=40))
        minute = (wanted.received_at - timedelta(minutes=1)).isoformat()
        for asked in (
            {"state": "failed"},
            {"state__exact": "failed"},
            {"provider": "callerdesk"},
            {"kind": "live_call"},
            {"endpoint": wanted.endpoint_id},
            {"endpoint__id__exact": wanted.endpoint_id},
            {"subject": wanted.subject},
            {"like": wanted.pk},
            {"period": "24h"},
            {"period": "7d"},
            {"from": minute},
            {"from": minute, "to": now().isoformat(), "state": "failed", "kind": "live_call"},
        ):
            with self.subTest(asked):
                self.assertEqual(self.found(**asked), [wanted])

    def test_the_end_of_a_period_is_its_last_day(self):
        delivery = factories.DeliveryFactory(received_at=factories.NOON)
        day = f"{factories.NOON:%Y-%m-%d}"
        self.assertEqual(self.found(**{"from": day, "to": day}), [delivery])
        self.assertEqual(self.found(to=f"{factories.NOON - timedelta(days=1):%Y-%m-%d}"), [])

    def test_what_makes_no_sense_is_told_and_asks_for_nothing(self):
        delivery = factories.DeliveryFactory()
        for asked in ({"state": "gone"}, {"endpoint": "x"}, {"from": "soon"}, {"like": "\0"}):
            with self.subTest(asked):
                page = self.open(LIST, **asked)
                self.assertContains(page, "callout--warn")
                self.assertEqual(list(page.context["rows"]), [delivery])

    def test_a_call_is_found_by_any_of_its_ids(self):
        endpoint = factories.EndpointFactory()
        call = call_key(endpoint.account_id, CALL_ID)
        wanted = factories.DeliveryFactory(endpoint=endpoint, subject=call)
        factories.DeliveryFactory()
        for term in (CALL_ID, str(call), str(wanted.id)):
            with self.subTest(term):
                self.assertEqual(self.found(q=term), [wanted])

    def test_pages_go_both_ways_and_show_each_delivery_once(self):
        made = [factories.DeliveryFactory() for _ in range(120)]
        page, seen = self.open(LIST), []
        while True:
            seen += page.context["rows"]
            pager = page.context["pager"]
            if not pager.older_url:
                break
            page = self.open(LIST + pager.older_url)
        self.assertEqual(seen, made[::-1])
        back = self.open(LIST + page.context["pager"].newer_url)
        self.assertEqual(list(back.context["rows"]), seen[50:100])

    def test_more_rows_take_no_more_queries(self):
        call = factories.CallFactory()
        factories.DeliveryFactory(subject=call.pk)
        one = self.queries(LIST)
        for _ in range(12):
            factories.DeliveryFactory(subject=factories.CallFactory().pk)
        self.assertEqual(self.queries(LIST), one)
        self.assertLessEqual(one, 15)

    def test_of_a_big_table_what_no_index_answers_asks_for_a_period(self):
        delivery = factories.DeliveryFactory(received_at=now() - timedelta(hours=1))
        with self.settings(PERIOD_NEEDED_ABOVE_ROWS=-1):
            for asked in ({"kind": "callStatus"}, {"kind": "callStatus", "from": "2026-01-01"}):
                with self.subTest(asked):
                    page = self.open(LIST, **asked)
                    self.assertContains(page, "at most 31 days")
                    self.assertEqual(list(page.context["rows"]), [])
            for asked in ({}, {"kind": "callStatus", "period": "30d"}, {"state": "processed"}):
                with self.subTest(asked):
                    self.assertEqual(self.found(**asked), [delivery])

    def test_what_no_index_answers_is_counted_among_the_newest(self):
        for at in range(60):
            factories.DeliveryFactory(kind="rare" if at % 10 == 0 else "callStatus")
        with mock.patch("webhooks.admin.inbox.CAP", 20):
            for asked, count in (
                ({"kind": "rare"}, "6"),  # all on one page
                ({"kind": "callStatus"}, "18+"),
                ({"provider": "freeclimb"}, "20+"),
                ({}, "60"),
            ):
                with self.subTest(asked):
                    self.assertEqual(str(self.open(LIST, **asked).context["count"]), count)


class ProcessAgainTests(InboxTestCase):
    def understood(self, endpoint, call=CALL_ID):
        event = call_event(accountId=endpoint.account.provider_account_id, callId=call)
        return self.failed(json.dumps(event).encode(), endpoint=endpoint)

    def test_what_is_understood_now_becomes_a_call(self):
        delivery = self.understood(factories.EndpointFactory())
        self.assertEqual(self.process(delivery), ["Processed 1; 0 failed."])
        self.assertEqual([delivery.state, delivery.attempts], [State.PROCESSED, 2])
        self.assertEqual(Call.objects.get().provider_call_id, CALL_ID)

    def test_what_still_fails_is_counted_and_says_why_on_its_row(self):
        good, bad = self.understood(factories.EndpointFactory()), self.failed(b"\xff")
        self.assertEqual(self.process(good, bad), ["Processed 2; 1 failed."])
        self.assertEqual([good.state, bad.state], [State.PROCESSED, State.FAILED])
        self.assertNotIn(bad.reason, ("", "It was not understood."))

    def test_one_is_processed_from_its_page(self):
        delivery = self.understood(factories.EndpointFactory())
        page = self.client.post(address(Delivery, "again", delivery.pk), follow=True)
        self.assertContains(page, "Processed again: processed.")
        self.assertEqual(Call.objects.count(), 1)
        self.assertEqual(self.client.get(address(Delivery, "again", delivery.pk)).status_code, 405)

    def test_all_that_match_are_a_job_that_goes_by_the_present_filter(self):
        endpoint = factories.EndpointFactory()
        wanted = [self.understood(endpoint, f"CA{n:040}") for n in range(3)]
        other = self.failed(kind="other")
        said = self.process(query="?state=failed&kind=callStatus", select_across="1")
        job = Job.objects.get()
        self.assertIn(address(Job, "change", job.pk), said[0])
        self.assertEqual(job.created_by, self.superuser.username)
        again.run(Noted(), **job.arguments)
        states = [Delivery.objects.get(pk=one.pk).state for one in (*wanted, other)]
        self.assertEqual(states, [State.PROCESSED] * 3 + [State.FAILED])
        self.assertEqual(Delivery.objects.get(pk=other.pk).attempts, 1)

    def test_a_filter_that_makes_no_sense_starts_no_job(self):
        self.failed()
        for query in ("?state=gone", "?from=soon", "?q=CA1"):
            with self.subTest(query):
                (said,) = self.process(query=query, select_across="1")
                self.assertIn("Nothing was started", said)
        with self.settings(PERIOD_NEEDED_ABOVE_ROWS=-1):
            self.process(query="?kind=callStatus", select_across="1")
        self.assertFalse(Job.objects.exists())

    def test_who_did_it_is_written_down(self):
        one, two = self.failed(), self.failed()
        self.process(one, two)
        self.client.post(address(Delivery, "again", one.pk))
        self.process(query="?state=failed", select_across="1")
        entries = list(AuditEntry.objects.order_by("at", "id"))
        self.assertEqual({entry.action for entry in entries}, {"process_again"})
        self.assertEqual(entries[0].details, {"ids": [str(one.pk), str(two.pk)]})
        self.assertEqual(entries[1].object_id, str(one.pk))
        self.assertEqual(entries[2].object_id, str(Job.objects.get().pk))

    def test_without_the_permission_there_is_no_button_and_no_way(self):
        delivery = self.failed()
        again_url = address(Delivery, "again", delivery.pk)
        ways = [
            (LIST, {"action": "process_again", "_selected_action": [delivery.pk]}),
            (LIST, {"action": "process_again", "select_across": "1"}),
            (again_url, {}),
        ]
        self.look_only()
        for page in (self.open(LIST), self.open_row(delivery)):
            self.assertNotContains(page, " again")
            self.assertNotContains(page, "process_again")
        for url, given in ways:
            with self.subTest(given):
                self.assertEqual(self.client.post(url, given).status_code, 403)
        may = ["view_delivery", "process_delivery_again"]
        self.client.force_login(factories.UserFactory(may=may))
        for page in (self.open(LIST), self.open_row(delivery)):
            self.assertContains(page, " again</button>")
        for url, given in ways:
            with self.subTest(given):
                self.assertEqual(self.client.post(url, given).status_code, 302)
        delivery.refresh_from_db()
        self.assertEqual(delivery.attempts, 3)

    def test_nobody_edits_a_delivery_even_so(self):
        delivery = self.failed(b"{}")
        response = self.client.post(address(Delivery, "change", delivery.pk), {"reason": ""})
        self.assertEqual(response.status_code, 403)

    def test_too_many_at_once_and_what_is_no_id_are_refused(self):
        deliveries = [self.failed() for _ in range(3)]
        with mock.patch("webhooks.admin.deliveries.MOST_CHOSEN", 2):
            (said,) = self.process(*deliveries)
        self.assertIn("from 1 to 2", said)
        (said,) = self.process(_selected_action=["nonsense"])
        self.assertIn("is no id", said)
        self.assertIn("from 1 to", self.process()[0])
        self.assertEqual(Delivery.objects.filter(attempts=1).count(), 3)

    def test_a_busy_database_is_told_of(self):
        with mock.patch.object(inbox, "process_again", side_effect=inbox.Unavailable("locked")):
            said = self.process(self.failed())
        self.assertIn("The database was busy: locked", said)


class Noted:
    """A job's progress, as `calltrack.jobs.Progress` has it, that stops after some steps."""

    def __init__(self, position=None, steps=None):
        self.position, self.steps = position or {}, steps
        self.saved, self.message = [], ""

    def save(self, *, done=None, total=None, position=None):
        if self.steps is not None and len(self.saved) > self.steps:
            raise KilledError
        self.saved.append((done, total))
        self.position = self.position if position is None else position

    def finish(self, message):
        self.message = message


class KilledError(Exception):
    pass
