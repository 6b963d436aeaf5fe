"""The pool of connections, when the server behind it restarts."""

import time
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

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
    for pid in backends(pooled):
        terminate(pooled, pid)
    begun = time.monotonic()
    with pooled.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert time.monotonic() - begun < PATIENCE


def backends(pooled):
    """The processes behind the pool's connections, all of them idle again."""
    with all_of(pooled.pool) as taken:
        return [one.info.backend_pid for one in taken]


@contextmanager
def all_of(pool):
    taken = [pool.getconn() for _ in range(IDLE)]
    try:
        yield taken
    finally:
        for one in taken:
            pool.putconn(one)


def terminate(pooled, pid):
    given = pooled.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    address = make_conninfo(**{name: given[name] for name in names if name in given})
    with psycopg.connect(address, autocommit=True) as one:
        one.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
