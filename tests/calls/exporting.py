"""What tests of the API's export share."""

import csv
import io
import json
from datetime import timedelta

from calls import annotations, api_keys
from calls.choices import Strength
from calls.models import Disposition, Tag
from tests import factories
from tests.api import ApiTestCase
from tests.calls.directory import agent, service_number
from tests.factories import NOON

BLIND = ("calls:read", "export")


def abandon(response):
    """As the server does when the taker is gone; response.close() would close the test's
    connection too."""
    for close in response._resource_closers:
        close()


class ExportTestCase(ApiTestCase):
    scopes = [*api_keys.DEFAULT_SCOPES, "export"]

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory(name="Shop")

    def call(self, **columns):
        return factories.CallFactory(account=self.account, **columns)

    def export(self, headers=None, **parameters):
        response = self.client.get(
            "/api/v1/calls/export", parameters, headers=headers or self.headers
        )
        self.assertEqual(response.status_code, 200, getattr(response, "content", b"")[:500])
        self.body = b"".join(response.streaming_content)
        return response

    def objects(self, **parameters):
        self.export(**parameters)
        return [json.loads(line) for line in self.body.decode().splitlines()]

    def table(self, **parameters):
        self.export(format="csv", **parameters)
        return list(csv.DictReader(io.StringIO(self.body.decode(), newline="")))

    def refused(self, expect=400, headers=None, **parameters):
        response = self.client.get(
            "/api/v1/calls/export", parameters, headers=headers or self.headers
        )
        self.assertEqual(response.status_code, expect)
        self.assertEqual(response["Content-Type"], "application/problem+json")
        return {one["parameter"] for one in response.json().get("errors", ())}

    def varied_calls(self):
        """Of each kind of value some are there and some are not, and texts hold numbers."""
        service_number(self.account, "+13125550100", label="Line +13125550166", source="Flyer")
        agent(self.account, "+13125550199", name="Asha")
        parent = self.call(flags=["loop_of_parents"], flagged=True, strength=Strength.RECORD)
        rich = self.call(
            parent=parent,
            to_number="+13125550100",
            agent_number="+13125550199",
            agent_name='Asha, "+13125550177"\u2028\x85 ü',
            agent_answered=True,
            begun_at=NOON + timedelta(microseconds=120),
            answered_at=NOON,
            ended_at=NOON + timedelta(seconds=1),
            duration_seconds=5,
            talk_seconds=0,
            cost_amount=3,
            cost_unit="coin",
            provider_created_at=NOON,
            group_name="Sales 1312 555 0144",
            flags=["end_without_start", "number +13125550111"],
        )
        rich.refresh_from_db()
        sip = self.call(from_number="sip:+13125550188@example.com", to_number="", service_number="")
        other = factories.CallFactory(account=factories.AccountFactory(callerdesk=True))
        user = factories.UserFactory()
        annotations.add_note(rich, user, "Words")
        annotations.set_tags(
            rich,
            user,
            add=[Tag.objects.create(name="Ring +13125550122"), Tag.objects.create(name="hot")],
        )
        annotations.set_disposition(rich, user, Disposition.objects.create(name="Sold"))
        return [parent, rich, sip, other]
