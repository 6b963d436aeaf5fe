"""Sixteen writers that commit late, one consumer over HTTP: nothing is missed."""

import pytest
from django.db import connection

from calls import api_keys
from tests.server import database_url_of, running_server
from tests.webhooks.feeding import (
    Consumer,
    Writers,
    consume_while,
    differences,
    in_order_of_revisions,
    tables,
)
from tests.webhooks.lives import Lives
from webhooks.endpoints import create_endpoint

ACCOUNT = "AC" + "0" * 40


@pytest.mark.django_db(transaction=True)
def test_a_consumer_misses_nothing_of_what_sixteen_writers_commit_late(tmp_path):
    """On SQLite writers take turns by themselves; there the order is all that could go wrong."""
    made = {p: create_endpoint(provider=p, account="Main")[0] for p in ("freeclimb", "callerdesk")}
    _, key = api_keys.create("a copy")
    several = connection.vendor == "postgresql"
    writers = Writers(
        Lives(made, account_id=ACCOUNT),
        lives_each=3 if several else 1,
        delay=0.3 if several else 0.001,
    )
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
        consumer = Consumer(server.url, key)
        consume_while(writers, consumer)
    assert not writers.errors
    there = tables()
    assert len(there) > 50
    assert differences(consumer.rows, there) == []
    assert consumer.backwards == []
    sets, wrong = in_order_of_revisions()
    assert sets > 20
    assert wrong == []
