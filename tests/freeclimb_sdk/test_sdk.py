"""The vendor's own SDK, pointed at a server of ours on the database of the tests."""

import os
import re
import subprocess
import sys

import pytest
from django.db import connection

from tests.freeclimb_sdk.checks import CHECKS
from tests.freeclimb_sdk.client import Client
from tests.freeclimb_sdk.world import World
from tests.server import ROOT, database_url_of, running_server

EXAMPLE = re.compile(
    r"^### Point a FreeClimb client.*?^```python\n(.*?)^```", re.DOTALL | re.MULTILINE
)


def printed_by_the_readmes_example(server, world):
    code = EXAMPLE.search((ROOT / "README.md").read_text())[1]
    environ = os.environ | {
        "CALLTRACK_URL": server.url,
        "CALLTRACK_KEY": world.key,
        "FREECLIMB_ACCOUNT": world.account.provider_account_id,
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_the_sdk_works_against_us(tmp_path, subtests):
    """One server for all checks, whatever number of processes the tests are spread over."""
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
        client = Client(server.url, World())
        for check in CHECKS:
            with subtests.test(check.__name__):
                check(client)
        with subtests.test("the example in the README"):
            finished = client.world.finished.provider_call_id
            printed = printed_by_the_readmes_example(server, client.world)
            assert printed == f"{finished} +13125550143 Sat, 14 Mar 2026 12:00:00 GMT 30\n"
        assert "Traceback" not in server.output
