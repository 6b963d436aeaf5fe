"""A request that is refused before its body was read leaves the connection as it was."""

import select
import socket

import pytest
from django.db import connection

from tests.server import database_url_of, running_server

HEADERS = (
    b"%s /apiserver/Accounts/AC1/Calls HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n"
)


def answer(reader):
    """Its status; reads all of it."""
    status = int(reader.readline().split()[1])
    length = 0
    while (line := reader.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    reader.read(length)
    return status


@pytest.mark.django_db(transaction=True)
def test_the_next_request_on_the_connection_is_answered(tmp_path):
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
        peer = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        with peer, peer.makefile("rb") as reader:
            for _ in range(3):
                peer.sendall(HEADERS % (b"POST", 2))
                # As a client that sends the body after the headers: an early answer would be here.
                select.select([peer], [], [], 0.3)
                peer.sendall(b"{}")
                assert answer(reader) in (401, 403, 405)
            peer.sendall(HEADERS % (b"GET", 0))
            assert answer(reader) == 401
