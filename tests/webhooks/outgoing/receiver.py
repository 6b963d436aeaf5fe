"""A target, as a process: `python -m tests.webhooks.outgoing.receiver --secret … --journal …`.

Verifies each request by the published library, and notes what it accepts before it answers: one
line each, time, id, type, id of the object. Fails at random if told so, in several ways.
"""

import argparse
import os
import random
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class Receiver(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, secret, journal, fail=0.0, hang=0.0):
        super().__init__(("127.0.0.1", port), Handler)
        self.webhook = Webhook(secret)
        self.journal = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.fail, self.hang = fail, hang
        self.lock = threading.Lock()

    def note(self, message_id, payload):
        line = f"{time.time()} {message_id} {payload['type']} {payload['data']['id']}\n"
        with self.lock:
            os.write(self.journal, line.encode())


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        how = ""
        if random.random() < self.server.fail:
            how = random.choice(["error", "busy", "cut", "silent"])
        if random.random() < self.server.hang:
            threading.Event().wait(3)
        if how == "error":
            return self.answer(500)
        if how == "busy":
            return self.answer(503, [("Retry-After", "0")])
        if how == "cut":
            return self.cut()
        try:
            payload = self.server.webhook.verify(body, dict(self.headers))
        except WebhookVerificationError:
            return self.answer(401)
        self.server.note(self.headers["webhook-id"], payload)
        return self.cut() if how == "silent" else self.answer(200)

    def answer(self, status, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def cut(self):
        """It may have accepted, but nobody hears of it."""
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--journal", required=True)
    parser.add_argument("--fail", type=float, default=0.0)
    parser.add_argument("--hang", type=float, default=0.0)
    receiver = Receiver(**vars(parser.parse_args()))
    print(receiver.server_port, flush=True)
    receiver.serve_forever()


if __name__ == "__main__":
    main()
