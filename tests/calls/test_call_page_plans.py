"""On PostgreSQL no page of one call or conference reads through a big table."""

import json

import pytest
from django.db import connection

from calls.models import Call, Conference, Leg, Participant, Recording
from tests import factories
from tests.admin import AdminTestCase, address
from tests.calls.test_list_plans import insert, sequentially_read
from webhooks.models import Delivery

BIG = {model._meta.db_table for model in (Call, Leg, Conference, Recording, Participant, Delivery)}
MANY = 30_000


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans are PostgreSQL's")
class PlanTests(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        endpoint = factories.EndpointFactory()
        account = f"'{endpoint.account_id}'::uuid"
        number = "'+1312555' || lpad((i % 4000)::text, 4, '0')"
        insert(
            Call,
            f"FROM generate_series(1, {MANY}) i",
            account_id=account,
            id="md5(i::text)::uuid",
            provider_call_id="'CA' || i",
            parent_id="CASE WHEN i % 5 = 0 THEN md5((i - 1)::text)::uuid END",
            is_root="i % 5 > 0",
            direction="'inbound'",
            status="'completed'",
            is_over="true",
            customer_number=number,
            begun_at="now() - i * interval '9 minutes'",
        )
        every = "FROM calls_call c"
        insert(Leg, every, call_id="c.id", connected_call_id="c.id", side="'a'")
        insert(Recording, every, call_id="c.id", account_id=account)
        for half in ("0", "1"):
            insert(
                Delivery,
                f"FROM generate_series(1, {MANY}) i",
                id=f"md5('{half}' || i)::uuid",
                endpoint_id=f"'{endpoint.pk}'::uuid",
                provider="'freeclimb'",
                state="'processed'",
                subject="md5(i::text)::uuid",
                received_at="now() - i * interval '9 minutes'",
                received_on="current_date",
                headers="'{}'",
                query="''",
                reason="''",
                body="'{}'::bytea",
            )
        insert(
            Conference,
            "FROM generate_series(1, 3000) i",
            id="md5(i::text)::uuid",
            account_id=account,
            provider_conference_id="'CF' || i",
        )
        taken = f"FROM generate_series(1, {MANY}) i"
        insert(
            Participant,
            taken,
            call_id="md5(i::text)::uuid",
            conference_id="md5((1 + i % 3000)::text)::uuid",
        )

    def assert_quick(self, url):
        """Every statement that reads a big table is explained."""
        plans = []

        def explain(execute, sql, params, many, context):
            if sql.startswith("SELECT") and any(f'"{table}"' in sql for table in BIG):
                with context["connection"].connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                    plans.append((sql, cursor.fetchone()[0][0]["Plan"]))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(explain):
            page = self.client.get(url, follow=True)
        self.assertEqual(page.status_code, 200)
        self.assertTrue(plans)
        for sql, plan in plans:
            with self.subTest(url, sql=sql[:80]):
                told = f"{url}\n{sql}\n{json.dumps(plan, indent=1)}"
                self.assertFalse(sequentially_read(plan) & BIG, told[:6000])
                self.assertFalse(walked(plan), told[:6000])

    def test_a_call_alone_a_parent_and_a_child(self):
        for number in (7_001, 7_004, 7_005):
            call = Call.objects.get(provider_call_id=f"CA{number}")
            claim = [1, 0, -1, -1, factories.uuid4().hex]
            Call.objects.filter(pk=call.pk).update(claims={"c": [claim], "f": {"status": 0}})
            page = address(Call, "change", call.pk)
            for url in (page, *(page.replace("change", one) for one in ("why", "older"))):
                self.assert_quick(url)

    def test_conferences_and_recordings(self):
        for row in (Conference.objects.first(), Recording.objects.first(), Leg.objects.first()):
            self.assert_quick(address(type(row), "change", row.pk))
            self.assert_quick(address(type(row), "changelist"))


NEWEST_FIRST = {"delivery_newest_first", "call_newest_first", "recording_newest_first"}


def walked(plan):
    """Whether rows are looked for along an index that says nothing about them, newest first."""
    index = plan.get("Index Name", "")
    newest_first = index in NEWEST_FIRST or index.endswith("_received_at_id_received_on_idx")
    here = newest_first and "Filter" in plan and "Index Cond" not in plan
    return here or any(walked(part) for part in plan.get("Plans", ()))
