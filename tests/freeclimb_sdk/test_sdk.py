"""The vendor's own SDK, pointed at a server of ours on the database of the tests."""

import pytest
from django.db import connection

from tests.freeclimb_sdk.checks import CHECKS
from tests.freeclimb_sdk.client import Client
from tests.freeclimb_sdk.world import World
from tests.server import database_url_of, running_server


@pytest.mark.django_db(transaction=True)
def test_the_sdk_works_against_us(tmp_path, subtests):
    """One server for all checks, whatever number of processes the tests are spread over."""
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
        client = Client(server.url, World())
        for check in CHECKS:
            with subtests.test(check.__name__):
                check(client)
        assert "Traceback" not in server.output
