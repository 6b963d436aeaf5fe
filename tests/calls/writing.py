"""What tests of the API's writes share."""

import json

from calls import api_keys
from tests import factories
from tests.api import ApiTestCase


class WritingTestCase(ApiTestCase):
    scopes = [*api_keys.DEFAULT_SCOPES, "annotations:write"]

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.call = factories.CallFactory()

    def send(self, method, path, body=None, expect=200, headers=None, key=None):
        """`body`: bytes as they are, anything else as JSON; `key`: the Idempotency-Key."""
        headers = dict(self.headers if headers is None else headers)
        if key is not None:
            headers["Idempotency-Key"] = key
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body)
        response = self.client.generic(
            method.upper(), f"/api/v1/{path}", data, "application/json", headers=headers
        )
        self.assertEqual(response.status_code, expect, response.content[:500])
        return response

    def faults(self, response):
        """Where → what is wrong there."""
        self.assertEqual(response["Content-Type"], "application/problem+json")
        return {
            one.get("pointer", one.get("parameter")): one["detail"]
            for one in response.json()["errors"]
        }

    def headers_of(self, *scopes, name="another"):
        _, text = api_keys.create(name, scopes)
        return {"Authorization": f"Bearer {text}"}

    def person(self, **more):
        """Logs somebody in; from then on requests without `headers` of a key are theirs."""
        user = factories.UserFactory(**more)
        self.client.force_login(user)
        return user
