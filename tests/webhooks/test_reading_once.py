"""From request to facts the bytes are read once, and what was read serves no other bytes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from django.test import TestCase

from tests.factories import EndpointFactory
from webhooks.deliveries import build, build_test
from webhooks.models import Delivery
from webhooks.providers import PROVIDERS
from webhooks.providers.base import Context

BODIES = {
    "freeclimb": b'{"requestType": "odd", "callId": "CA1", "from": "+13125550100"}',
    "callerdesk": b"type=odd&CallSid=1.10&SourceNumber=9000000001",
}


@dataclass(kw_only=True)
class Message:
    """It counts how often somebody asks for its bytes."""

    stored: bytes
    asked: int = field(default=0, init=False)
    method: str = "POST"
    content_type: str = ""
    query: str = ""
    kind: str = ""
    signed_at: datetime | None = None
    received_at: datetime = datetime(2026, 3, 14, 12, tzinfo=UTC)

    @property
    def body(self) -> bytes:
        self.asked += 1
        return self.stored


@pytest.mark.parametrize("provider", BODIES)
def test_describing_answering_and_parsing_read_the_bytes_once(provider):
    reader, message = PROVIDERS[provider], Message(stored=BODIES[provider])
    reader.describe(message)
    reader.acknowledge(message, {})
    assert reader.parse(message, Context()).facts
    assert message.asked == 1


@pytest.mark.parametrize("provider", BODIES)
def test_who_parses_again_reads_the_bytes_as_they_are_then(provider):
    reader, message = PROVIDERS[provider], Message(stored=BODIES[provider])
    first = reader.parse(message, Context())
    assert "odd" in first.reason
    assert reader.parse(message, Context()) == first
    message.stored = message.stored.replace(b"odd", b"new")
    assert "new" in reader.parse(message, Context()).reason


class BuildTests(TestCase):
    def test_a_delivery_is_made_as_django_makes_one(self):
        for provider, body in BODIES.items():
            built = build(EndpointFactory(account__provider=provider), method="POST", body=body)
            fields = Delivery._meta.concrete_fields
            values = {field.name: getattr(built, field.name) for field in fields}
            made = Delivery(**values)
            ours, theirs = (
                {name: value for name, value in vars(one).items() if name != "_state"}
                for one in (built, made)
            )
            ours.pop("contents")  # no field: what the parser will need
            self.assertEqual(ours, theirs)
            self.assertEqual(built._state.fields_cache, made._state.fields_cache)
            self.assertTrue(built._state.adding)

    def test_what_one_delivery_holds_is_not_what_another_holds(self):
        endpoint = EndpointFactory()
        one, other = build_test(endpoint), build_test(endpoint)
        one.headers["A"] = "b"
        one._state.fields_cache.clear()
        self.assertEqual(other.headers, {})
        self.assertIs(other.endpoint, endpoint)
