"""Targets in this process: real sockets on loopback."""

import contextlib
import json
import socket
import socketserver
import threading
from ipaddress import ip_network

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


@contextlib.contextmanager
def listening(talk, address="127.0.0.1"):
    """A server that reads a request and lets `talk(socket, headers, body)` do the rest; its port,
    and the list of what came."""
    came = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError):
                request = read_request(self.request)
                came.append(request)
                talk(self.request, *request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = allow_reuse_address = True
        block_on_close = False  # a test ends though a handler drips

    with Server((address, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_address[1], came
        finally:
            server.shutdown()


def read_request(connection):
    """Head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError("closed")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    fields = [line.split(b": ", 1) for line in head.split(b"\r\n")[1:]]
    headers = {name.decode().lower(): value.decode() for name, value in fields}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
    return headers, body


def answer(connection, status=200, headers="", body=b"", reason="Said"):
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    connection.sendall(head.encode() + body)


class Target:
    """Answers each message as `statuses` says: its event, or the id of its object → a status, or a
    list of them, one after the other, the last one for ever; else `default`."""

    def __init__(self):
        self.statuses = {}
        self.default = 200
        self.headers = ""
        self.came = []  # (id, event, id of the object)
        self.requests = []  # (headers, body)
        self.lock = threading.Lock()
        self.before = lambda: None

    @contextlib.contextmanager
    def running(self):
        with listening(self.talk) as (port, requests):
            self.requests = requests
            self.url = f"http://127.0.0.1:{port}/"
            yield self

    def talk(self, connection, headers, body):
        self.before()
        payload = json.loads(body)
        event, key = payload["type"], payload["data"].get("id", "")
        with self.lock:
            self.came.append((headers["webhook-id"], event, key))
            status = self.statuses.get(event, self.statuses.get(key, self.default))
            if isinstance(status, list):
                status = status.pop(0) if len(status) > 1 else status[0]
        answer(connection, status, self.headers, b"so it is")


def closed_port():
    """One where nobody listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]
