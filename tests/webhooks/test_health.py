from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from django.utils.timezone import now

from calls.models import Call
from calltrack import jobs
from calltrack.models import Job
from calltrack.worker import Worker
from tests import factories
from tests.admin import AdminTestCase
from tests.webhooks.retaining import made
from webhooks import health, traffic
from webhooks.jobs import JOBS
from webhooks.models import Delivery, EndpointHour, State

HOME = "/admin/"
HOUR, DAY = traffic.HOUR, traffic.DAY


class HealthTests(AdminTestCase):
    def health(self):
        self.page = self.open(HOME)
        return self.page.context["inbox_health"]

    def counted(self):
        return {one.name: one for one in self.health()["counted"]}

    def work(self):
        """Traffic is counted, as a worker does it."""
        Job.objects.update(run_at=now())
        Worker({"count_traffic": JOBS["count_traffic"]}, {"count_traffic": HOUR}).run_due()

    def busy_past(self, endpoint, deliveries):
        """So many in each hour of the last four weeks, up to the present one."""
        present = traffic.hour_of(now())
        EndpointHour.objects.bulk_create(
            EndpointHour(
                id=traffic.uuid5(endpoint.id, begins_at.isoformat()),
                endpoint=endpoint,
                begins_at=begins_at,
                deliveries=deliveries,
                last_received_at=begins_at,
            )
            for begins_at in (present - n * HOUR for n in range(3, 28 * 24 + 3))
        )

    def test_each_number_is_that_of_the_list_it_links_to(self):
        self.work()
        recent, old = now() - timedelta(hours=1), now() - 8 * DAY
        endpoint = factories.EndpointFactory()
        for state, reason, times in ((State.FAILED, "no", 3), (State.IGNORED, "what?", 2)):
            for at, many in ((recent, times), (old, 5)):
                factories.DeliveryFactory.create_batch(
                    many, endpoint=endpoint, state=state, reason=reason, received_at=at
                )
        ended = {"begun_at": now() - settings.NO_END_AFTER - HOUR, "account": endpoint.account}
        calls = [factories.CallFactory(is_over=False, **ended) for _ in range(4)]
        factories.CallFactory(is_over=True, **ended)
        factories.CallFactory(is_over=False, **ended | {"begun_at": now()})
        factories.CallFactory(is_over=False, parent=calls[0], **ended)
        with self.assertLogs("calltrack.worker", "ERROR"):
            jobs.enqueue("fails")
            Worker({"fails": lambda progress: 1 / 0}, {}).run_due()
        counted = self.counted()
        self.assertEqual(
            {name: one.shown for name, one in counted.items()},
            {
                "Failed deliveries": "3",
                "Ignored deliveries": "2",
                "Calls with no end seen": "4",
                "Failed jobs": "1",
            },
        )
        listed = {
            "Failed deliveries": (Delivery, "rows"),
            "Ignored deliveries": (Delivery, "rows"),
            "Calls with no end seen": (Call, "rows"),
            "Failed jobs": (Job, "cl"),
        }
        for name, one in counted.items():
            with self.subTest(name):
                self.assertContains(self.page, f'href="{escape(one.url)}"')
                self.assertEqual(self.rows(one.url, *listed[name]), one.number)

    def rows(self, url, model, name):
        """How many rows the list at that address shows."""
        rows = self.open(url).context[name]
        return len(rows.result_list if name == "cl" else rows)

    def test_beyond_the_cap_nothing_is_counted(self):
        self.addCleanup(setattr, health, "CAP", health.CAP)
        health.CAP = 2
        factories.DeliveryFactory.create_batch(
            5, state=State.FAILED, reason="no", received_at=now()
        )
        failed = self.counted()["Failed deliveries"]
        self.assertEqual((failed.number, failed.shown), (2, "2+"))

    def test_an_endpoint_is_told_with_its_last_delivery(self):
        silent, heard, _ = factories.EndpointFactory.create_batch(3)
        factories.EndpointFactory(active=False)
        factories.DeliveryFactory(endpoint=heard, received_at=now() - timedelta(minutes=2.5))
        factories.DeliveryFactory(endpoint=silent, received_at=now() - 3 * DAY)
        self.work()
        endpoints = {one.name: one.ago.replace("\xa0", " ") for one in self.health()["endpoints"]}
        self.assertEqual(sorted(endpoints.values()), ["2 minutes ago", "3 days ago", "never"])
        self.assertEqual(endpoints[str(heard)], "2 minutes ago")

    def test_a_silence_that_is_unusual_is_a_warning_and_comes_first(self):
        factories.EndpointFactory()
        endpoint = factories.EndpointFactory(label="Zebra")
        self.busy_past(endpoint, 60)
        self.work()
        found = self.health()
        first = found["endpoints"][0]
        self.assertEqual((first.name, found["silent"]), ("Zebra", 1))
        self.assertIn("every 1 min", first.warning)
        self.assertContains(self.page, escape(first.warning))
        factories.DeliveryFactory(endpoint=endpoint, received_at=now())
        self.work()
        self.assertEqual(self.health()["silent"], 0)

    def test_without_a_worker_nothing_is_called_silent(self):
        endpoint = factories.EndpointFactory()
        self.busy_past(endpoint, 60)
        for has_run in (False, True):
            with self.subTest(has_run=has_run):
                if has_run:
                    self.work()
                    Job.objects.update(run_at=now() - health.OVERDUE - HOUR)
                found = self.health()
                self.assertEqual((found["working"], found["silent"]), (False, 0))
                self.assertContains(self.page, "Background jobs are not running")
        self.work()
        found = self.health()
        self.assertEqual((found["working"], found["silent"]), (True, 1))
        self.assertNotContains(self.page, "Background jobs are not running")

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no partitions")
    def test_a_missing_partition_is_a_warning(self):
        self.work()
        found = self.health()  # the job that makes them has not run here
        self.assertIn("Tomorrow", found["partitions"])
        self.assertContains(self.page, escape(found["partitions"]))
        made(now().date())
        self.work()
        self.assertEqual(self.health()["partitions"], "")

    def test_it_takes_as_many_queries_for_ten_endpoints_as_for_one(self):
        def queries():
            request = self.open(HOME).wsgi_request
            with CaptureQueriesContext(connection) as captured:
                health.inbox_health(request)
            return len(captured)

        self.busy_past(factories.EndpointFactory(), 60)
        self.work()
        before = queries()
        self.assertLessEqual(before, 5)
        for endpoint in factories.EndpointFactory.create_batch(9):
            self.busy_past(endpoint, 60)
        self.assertEqual(queries(), before)

    def test_it_is_for_those_who_may_see_the_inbox(self):
        person = factories.UserFactory()
        self.client.force_login(person)
        self.assertNotIn("inbox_health", self.open(HOME).context)
        self.client.force_login(factories.UserFactory(may=["view_delivery"]))
        found = self.health()
        names = [one.name for one in found["counted"]]
        self.assertEqual(names, ["Failed deliveries", "Ignored deliveries"])
