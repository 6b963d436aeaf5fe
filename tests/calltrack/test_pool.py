"""The pool of connections, when the server behind it restarts."""

import time

import pytest
from django.db import connection

from calltrack.postgresql.base import DatabaseWrapper

IDLE = 5  # connections; with a rest of 1, 2, 4 … s after each they would cost more than PATIENCE
PATIENCE = 5  # seconds, as the server's


@pytest.fixture
def pooled(db):
    """A database of the tests' server, with a pool of its own that holds idle connections."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no pool")
    pool = {"min_size": IDLE, "max_size": IDLE, "timeout": PATIENCE}
    options = connection.settings_dict["OPTIONS"] | {"pool": pool}
    wrapper = DatabaseWrapper(connection.settings_dict | {"OPTIONS": options}, alias="of this test")
    try:
        wrapper.pool.open(wait=True)
        yield wrapper
    finally:
        wrapper.close()
        wrapper.close_pool()


def test_connections_that_died_while_idle_are_replaced_together(pooled):
    taken = [pooled.pool.getconn() for _ in range(IDLE)]
    for one in taken:
        pooled.pool.putconn(one)
    with connection.cursor() as cursor:
        for one in taken:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [one.info.backend_pid])
            assert cursor.fetchone() == (True,)
    begun = time.monotonic()
    with pooled.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert time.monotonic() - begun < PATIENCE
