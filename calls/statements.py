"""Statements of ours about many rows, past the driver's cursors.

Through psycopg's a statement took 80 µs of CPU, ten of them a batch a fifth of what the batch took.
Here libpq is asked directly, and for several at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from select import POLLIN, POLLOUT, poll
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connections
from psycopg import Connection, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, PGconn, PGresult, TransactionStatus

Statement = tuple[str, Sequence[Any]]  # its text, its parameters


def fetch(using: str, statement: str, parameters: Sequence[Any]) -> list[tuple]:
    """Run a statement in the transaction, if there is one, and fetch what it returns. Parameters
    are marked $1 for PostgreSQL, which tells their types from where they stand, and ? for SQLite.
    Raises Django's errors."""
    return fetch_all(using, [(statement, parameters)])[0]


def fetch_all(using: str, statements: Sequence[Statement]) -> list[list[tuple]]:
    """As `fetch`, one after the other; PostgreSQL gets them together. After an error none of the
    rest is run."""
    if not statements:
        return []
    connection = connections[using]
    connection.ensure_connection()
    driver = connection.connection
    with connection.wrap_database_errors:
        if connection.vendor != "postgresql":
            return [driver.execute(*statement).fetchall() for statement in statements]
        session = _sessions.get(driver)
        if session is None:
            session = _sessions[driver] = _Session(driver)
        return session.fetch_all(driver, statements)


class _Session:
    """What is kept for a connection, for as long as it is: the names of the statements prepared on
    it, and what makes values of their results. It does not hold the connection, nor that it."""

    def __init__(self, driver: Connection):
        self._plans_once = False
        self._prepared: dict[str, bytes] = {}
        self._values = Transformer(driver.adapters)

    def fetch_all(self, driver: Connection, statements: Sequence[Statement]) -> list[list[tuple]]:
        server = driver.pgconn
        # As psycopg does, whose own statements may follow in this transaction.
        begin = not driver.autocommit and server.transaction_status == TransactionStatus.IDLE
        if settings.DATABASE_PREPARED_STATEMENTS:
            self._prepare(server, statements)
        try:
            server.enter_pipeline_mode()
            if begin:
                server.send_query_params(b"BEGIN", None)
            for text, parameters in statements:
                self._send(server, text, [_said(value) for value in parameters])
            server.pipeline_sync()
            results = list(_results(server))
            server.exit_pipeline_mode()
        except BaseException:
            driver.close()  # nobody could go on from half an answer
            raise
        for result in results:
            _well(result)
        return [self._rows(result) for result in results[begin:]]

    def _prepare(self, server: PGconn, statements: Sequence[Statement]) -> None:
        if not self._plans_once and server.transaction_status == TransactionStatus.IDLE:
            # Keys in an array it would plan anew for each length: a tenth of a batch's CPU there.
            _well(server.exec_(b"SET plan_cache_mode = force_generic_plan"))
            self._plans_once = True
        for text, _ in statements:
            if text not in self._prepared:
                name = f"calltrack_{len(self._prepared)}".encode()
                _well(server.prepare(name, text.encode()))
                self._prepared[text] = name

    def _send(self, server: PGconn, text: str, said: list[bytes | None]) -> None:
        if name := self._prepared.get(text):
            server.send_query_prepared(name, said, result_format=Format.BINARY)
        else:
            server.send_query_params(text.encode(), said, result_format=Format.BINARY)

    def _rows(self, result: PGresult) -> list[tuple]:
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple)


_sessions: WeakKeyDictionary[Connection, _Session] = WeakKeyDictionary()


def _results(server: PGconn) -> Iterator[PGresult]:
    """Of all that was sent, up to the mark at its end. While it waits, other threads run."""
    socket = poll()
    socket.register(server.socket, POLLIN | POLLOUT)
    while server.flush():  # more than the system takes at once
        socket.poll()
        server.consume_input()
    socket.modify(server.socket, POLLIN)
    while True:
        while server.is_busy():
            socket.poll()
            server.consume_input()  # raises OperationalError when the server is gone
        result = server.get_result()
        if result is None:  # the end of one statement's, or of all
            if server.status != ConnStatus.OK:
                raise OperationalError(server.get_error_message())
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return
        yield result


def _well(result: PGresult) -> None:
    if result.status == ExecStatus.FATAL_ERROR:
        raise error_from_result(result)


def _said(value: Any) -> bytes | None:
    if value is None:
        return None
    return _TEXTS.get(type(value), _plain)(value)


def _plain(value: Any) -> bytes:
    return str(value).encode()


_TEXTS: dict[type, Callable[[Any], bytes]] = {
    bytes: bytes,  # a text, as a JSON library gives it
    list: lambda keys: b"{%b}" % b",".join(map(_plain, keys)),
}
