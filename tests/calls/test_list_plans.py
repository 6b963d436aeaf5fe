"""On PostgreSQL no page of the list reads through a big table: each statement is explained."""

import json
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.db import connection

from calls.desk import paging
from calls.desk.calls_list import neighbours
from calls.models import (
    Agent,
    Call,
    CallTag,
    Conference,
    Leg,
    Participant,
    Recording,
    ServiceNumber,
    Tag,
)
from tests import factories
from tests.admin import AdminTestCase, address

BIG = {model._meta.db_table for model in (Call, Leg, Recording, Participant, CallTag)}
MANY = 60_000


def insert(model, rows: str, **columns: str):
    """INSERT … SELECT of as many rows as `rows` yields; what is not given is empty or NULL."""
    names, values = [], []
    for field in model._meta.concrete_fields:
        value = columns.get(field.column)
        if value is None:
            value = "NULL" if field.null else _EMPTY[type(field).__name__]
        names.append(connection.ops.quote_name(field.column))
        values.append(value)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} {rows}"
        )
        cursor.execute(f"ANALYZE {table}")


_EMPTY = {
    "CharField": "''",
    "JSONField": "'[]'",
    "BooleanField": "false",
    "DateTimeField": "now()",
    "PositiveIntegerField": "1",
    "PositiveSmallIntegerField": "2",
    "UUIDField": "gen_random_uuid()",
}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans are PostgreSQL's")
class PlanTests(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory()
        factories.AccountFactory(callerdesk=True)
        account = f"'{cls.account.pk}'::uuid"
        number = "'+1312555' || lpad((i * 7919 % 10000)::text, 4, '0')"
        # Skewed: half of the calls are with the first few service numbers and agents.
        of_ours = "'+1312556' || lpad((power(random(), 4) * 400)::int::text, 4, '0')"
        insert(
            Call,
            f"FROM generate_series(1, {MANY}) i",
            account_id=account,
            provider_call_id="'CA' || i",
            is_root="i % 5 > 0",
            direction="CASE WHEN i % 3 = 0 THEN 'outbound' ELSE 'inbound' END",
            status="(ARRAY['completed','completed','completed','no_answer','busy','failed'])"
            "[1 + i % 6]",
            is_over="i % 3000 > 0",
            missed="i % 6 = 3",
            flagged="i % 500 = 0",
            customer_number=number,
            customer_digits=f"reverse(substr({number}, 2))",
            service_number=of_ours,
            agent_number=of_ours,
            begun_at="now() - i * interval '9 minutes'",
            group_name="CASE WHEN i % 40 = 0 THEN 'Sales' ELSE '' END",
            talk_seconds="i % 600",
        )
        every = "FROM calls_call c"
        insert(Leg, every, call_id="c.id", connected_call_id="c.id", side="'a'")
        insert(Recording, f"{every} WHERE c.talk_seconds > 300", call_id="c.id", account_id=account)
        cls.tag = Tag.objects.create(name="Complaint")
        tags = [cls.tag, *(Tag.objects.create(name=f"Tag {at}") for at in range(9))]
        nth = "[1 + c.talk_seconds % 10]"
        array = ", ".join(f"'{tag.pk}'" for tag in tags)
        insert(CallTag, every, call_id="c.id", tag_id=f"(ARRAY[{array}]::uuid[]){nth}")
        alias = "(c.talk_seconds % 600)::text"
        insert(
            Conference,
            "FROM generate_series(0, 599) i",
            account_id=account,
            provider_conference_id="'CF' || i",
            alias="i::text",
        )
        join = f"{every} JOIN calls_conference f ON f.alias = {alias} WHERE c.status = 'completed'"
        insert(Participant, join, call_id="c.id", conference_id="f.id")
        cls.conference = Conference.objects.get(alias="300")
        for at in range(0, 400, 7):
            number = f"+1312556{at:04d}"
            known = {"account": cls.account, "number": number}
            ServiceNumber.objects.create(source="Flyer" if at > 300 else "", **known)
            Agent.objects.create(name=f"Agent {at}", **known)
        cls.one = Call.objects.filter(is_root=True).order_by("begun_at")[MANY // 2]

    def setUp(self):
        super().setUp()
        # As small a part of these calls as the real cap is of ten million.
        self.enterContext(patch.object(paging, "CAP", 200))

    @contextmanager
    def explained(self):
        """Every statement that reads a big table, with its plan."""
        plans = []

        def explain(execute, sql, params, many, context):
            if sql.startswith("SELECT") and any(f'"{table}"' in sql for table in BIG):
                with context["connection"].connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                    plans.append((sql, cursor.fetchone()[0][0]["Plan"]))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(explain):
            yield plans

    def assert_quick(self, url):
        with self.explained() as plans:
            page = self.client.get(url, follow=True)
        self.assertEqual(page.status_code, 200)
        self.assertTrue(plans)
        for sql, plan in plans:
            read = sequentially_read(plan) & BIG
            self.assertFalse(read, f"{url}\n{sql}\n{json.dumps(plan, indent=1)}"[:4000])
        return page

    def test_the_list_and_each_indexed_filter_and_search(self):
        agent = Agent.objects.get(number="+13125560007")
        number = ServiceNumber.objects.get(number="+13125560007")
        for query in (
            *("", "period=today", "period=30d", "since=2020-01-01", "until=2020-01-01"),
            *("status=completed", "status=busy", "status=busy&status=failed", "status=queued"),
            *("outcome=answered", "outcome=missed", "outcome=failed", "missed=true"),
            *("missed=false", "live=true", "live=false", "flagged=true", "flagged=false"),
            *(f"account={self.account.pk}", f"agent={agent.pk}", f"service_number={number.pk}"),
            *("source=Flyer", f"tag={self.tag.pk}", f"conference={self.conference.pk}"),
            *(f"customer_of={self.one.pk}", f"parent={self.one.pk}", "provider_call_id=CA77"),
            *("period=31d&group=Sales", "period=31d&talk_min=590", "period=7d&direction=inbound"),
            *("period=31d&has_recording=true", "period=31d&in_conference=true"),
            *("period=31d&provider=freeclimb", f"customer_of={self.one.pk}&group=Sales"),
            *("q=7919", "q=57919", "q=%2B1+312+555-7919", "q=CA77", f"q={self.one.pk}"),
            *("q=Agent+7", "q=Agent+35", "q=nobody", "q=5560007", "q=0000000"),
        ):
            with self.subTest(query):
                self.assert_quick(f"{address(Call, 'changelist')}?{query}")

    def test_pages_deep_in_the_list_both_ways(self):
        url = address(Call, "changelist")
        for query in ("", "status=completed", "outcome=missed", "q=7919"):
            with self.subTest(query):
                page = self.assert_quick(f"{url}?{query}")
                for _ in range(3):
                    if not page.context["pager"].older_url:
                        break
                    page = self.assert_quick(url + page.context["pager"].older_url)
                self.assert_quick(url + page.context["pager"].newer_url)

    def test_the_neighbours_of_a_call(self):
        request = self.open(address(Call, "changelist")).wsgi_request
        request.GET = request.GET.__class__("from=outcome%3Dmissed")
        with self.explained() as plans:
            newer, older = neighbours(request, self.one)
        self.assertTrue(newer and older)
        for sql, plan in plans:
            self.assertFalse(sequentially_read(plan) & BIG, sql)

    def test_a_sequential_scan_would_be_seen(self):
        with self.explained() as plans:
            list(Call.objects.order_by().filter(group_name="Sales")[:1])
        self.assertEqual(sequentially_read(plans[0][1]), {Call._meta.db_table})


def sequentially_read(plan):
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*(sequentially_read(part) for part in plan.get("Plans", ())))
