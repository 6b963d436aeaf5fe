"""The live API, asked all that its description allows and forbids."""

import pytest
from django.db import connection

from tests import described
from tests.server import database_url_of, running_server


@pytest.mark.django_db(transaction=True)
def test_the_live_api_keeps_to_its_description(tmp_path):
    key = described.fill()
    database_url = database_url_of(connection)
    with running_server(tmp_path, database_url=database_url, env=described.UNTHROTTLED) as server:
        shorter = described.in_short(tmp_path)
        done = described.run(server.url, key, tmp_path, *described.IN_SHORT, description=shorter)
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in server.output
