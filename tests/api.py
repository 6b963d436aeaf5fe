"""What tests of the API share."""

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from calls import api_keys


class ApiTestCase(TestCase):
    scopes = api_keys.DEFAULT_SCOPES

    @classmethod
    def setUpTestData(cls):
        cls.key, text = api_keys.create("a test", cls.scopes)
        cls.headers = {"Authorization": f"Bearer {text}"}

    def setUp(self):
        self.client.get("/api/v1/accounts/", headers=self.headers)  # its use is noted once a minute

    def get(self, path, expect=200, **parameters):
        response = self.client.get(f"/api/v1/{path}", parameters, headers=self.headers)
        self.assertEqual(response.status_code, expect, response.content[:500])
        return response.json()

    def faults(self, path, **parameters):
        """The parameters that are refused."""
        told = self.get(path, expect=400, **parameters)
        self.assertEqual(told["type"], "/api/docs/problems#invalid-parameters")
        return [fault["parameter"] for fault in told["errors"]]

    def queries(self, path, **parameters):
        with CaptureQueriesContext(connection) as captured:
            self.get(path, **parameters)
        return len(captured)

    def ids(self, path, **parameters):
        return [one["id"] for one in self.get(path, **parameters)["results"]]
