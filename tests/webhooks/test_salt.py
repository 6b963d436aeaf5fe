"""Nobody finds out a number by computing what a delivery's id would be with each number in it."""

from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import TestCase, TransactionTestCase
from django.urls import reverse

from tests import factories
from webhooks.deliveries import build
from webhooks.models import Endpoint

BODY = b"SourceNumber=%2B919000004209"
BEFORE, AFTER = ("webhooks", "0005_pause_of_targets"), ("webhooks", "0006_endpoint_salt")


def in_the_open(endpoint):
    """The id by what every reader of the API knows, and a guess at the body."""
    digest = sha256()
    for part in (endpoint.id.bytes, b"POST", b"", b"", BODY):
        digest.update(len(part).to_bytes(8, "big") + part)
    return UUID(bytes=digest.digest()[:16])


class SaltTests(TestCase):
    def test_an_id_cannot_be_computed_by_who_does_not_know_the_salt(self):
        endpoint = factories.EndpointFactory()
        delivery = build(endpoint, method="POST", body=BODY)
        self.assertNotEqual(delivery.id, in_the_open(endpoint))
        again = Endpoint.objects.get()
        self.assertEqual(build(again, method="POST", body=BODY).id, delivery.id)
        again.salt = factories.EndpointFactory().salt
        self.assertNotEqual(build(again, method="POST", body=BODY).id, delivery.id)

    def test_it_is_shown_nowhere(self):
        endpoint = factories.EndpointFactory()
        self.assertRegex(endpoint.salt, r"\A[0-9a-f]{32}\Z")
        self.assertNotIn(endpoint.salt, f"{endpoint} {endpoint!r}")
        self.client.force_login(factories.UserFactory(is_superuser=True))
        for page in (
            reverse("admin:webhooks_endpoint_changelist"),
            reverse("admin:webhooks_endpoint_change", args=[endpoint.pk]),
        ):
            self.assertNotContains(self.client.get(page), endpoint.salt)


class UpgradeTests(TransactionTestCase):
    def tearDown(self):
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())

    def test_each_endpoint_that_was_there_gets_one_of_its_own(self):
        executor = MigrationExecutor(connection)
        executor.migrate([BEFORE])
        apps = executor.loader.project_state([BEFORE]).apps
        account = factories.AccountFactory()
        for _ in range(2):
            apps.get_model("webhooks", "Endpoint").objects.create(account_id=account.pk)
        MigrationExecutor(connection).migrate([AFTER])
        salts = set(Endpoint.objects.values_list("salt", flat=True))
        self.assertEqual([len(salt) for salt in salts], [32, 32])
