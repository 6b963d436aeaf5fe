"""Django loads a backend's DatabaseWrapper from its module `base`."""

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    @property
    def pool(self):
        """As Django's, but for `check`, which cannot be set there."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            pool = ConnectionPool(
                kwargs=self.get_connection_params() | {"autocommit": True},
                open=False,
                configure=self._configure_connection,
                check=self._check,
                **options,
            )
            self._connection_pools.setdefault(self.alias, pool)  # another thread may be first
        return self._connection_pools[self.alias]

    def _check(self, connection):
        """Where one connection died while idle, its neighbours did: all are made anew. One by one
        the pool rests 1, 2, 4 … seconds after each that it finds dead, so that after a restart of
        the server four of them cost a webhook its 5 s, and it was refused."""
        try:
            ConnectionPool.check_connection(connection)
        except psycopg.Error:
            self.pool.drain()
            raise
