"""Tells what would wait on that the server is to stop: a worker ends with its last request."""

import signal
import socket
from collections.abc import Callable
from threading import Thread

_SIGNALS = {signal.SIGTERM, signal.SIGINT}
_told: list[Callable[[], None]] = []


def when_told(stop: Callable[[], None]) -> None:
    """Have this called once, from a thread of its own, when the process is told to stop."""
    _told.append(stop)


def listen() -> None:
    """In the main thread of a worker of the server, whose own handlers of signals come later and
    take the place of any of ours; the numbers of signals are written here whoever handles them."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    Thread(target=_read, args=(reader, writer), name="stopping", daemon=True).start()


def _read(reader: socket.socket, writer: socket.socket) -> None:
    while not _SIGNALS & {*reader.recv(64)}:
        continue
    for stop in _told:
        stop()
