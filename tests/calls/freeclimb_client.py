"""A client of the FreeClimb-shaped API, without an SDK."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

from django.test import TestCase

from calls import api_keys
from tests import factories

ACCOUNT = "AC" + "0123456789" * 4


def basic(name, password):
    text = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


class FreeClimbTestCase(TestCase):
    scopes = api_keys.DEFAULT_SCOPES

    @classmethod
    def setUpTestData(cls):
        cls.account = factories.AccountFactory(provider_account_id=ACCOUNT)
        cls.key, cls.key_text = api_keys.create("a FreeClimb client", cls.scopes)
        cls.headers = basic(ACCOUNT, cls.key_text)

    def ask(self, path, parameters=None, *, headers=None, method="GET"):
        """`path` below the account."""
        url = f"/apiserver/Accounts/{ACCOUNT}{path}"
        headers = self.headers if headers is None else headers
        return self.client.generic(method, url, headers=headers, query_params=parameters or None)

    def get(self, path, expect=200, **parameters):
        # "from" is no name in Python.
        named = {name.rstrip("_"): value for name, value in parameters.items()}
        response = self.ask(path, named)
        self.assertEqual(response.status_code, expect, response.content[:500])
        return response.json()

    def follow(self, uri, expect=200):
        response = self.client.get(f"/apiserver{uri}", headers=self.headers)
        self.assertEqual(response.status_code, expect, response.content[:500])
        return response.json()

    def walk(self, path, **parameters):
        """All pages."""
        pages = [self.get(path, **parameters)]
        while uri := pages[-1]["nextPageUri"]:
            pages.append(self.follow(uri))
        return pages

    def ids(self, path, **parameters):
        """What all pages hold, by the id that its resource is known by."""
        name = path.rpartition("/")[2].lower()
        key = {"calls": "callId", "recordings": "recordingId", "conferences": "conferenceId"}
        key = key.get(name, "callId")
        return [one[key] for page in self.walk(path, **parameters) for one in page[name]]

    def call(self, **values):
        return factories.CallFactory(account=self.account, **values)

    def assertError(self, response, status, code):  # noqa: N802 as unittest's own
        self.assertEqual(response.status_code, status, response.content[:500])
        self.assertEqual(response["Content-Type"], "application/json")
        told = json.loads(response.content)
        self.assertEqual(list(told), ["code", "call", "message", "url", "details"])
        self.assertEqual(told["code"], code)
        self.assertIsInstance(told["call"], str)
        self.assertTrue(told["url"].endswith(f"#{code}"))
        self.assertIsInstance(told["details"], dict)
        return told


def cursor_in(uri):
    return parse_qs(urlsplit(uri).query)["cursor"][0]
