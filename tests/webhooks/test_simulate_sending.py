"""How the simulator sends: to a server of our own that only listens."""

import io
import json
import signal
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase

from calls.models import Account
from tests.webhooks.test_simulate_lives import ACCOUNT, NOON
from webhooks.simulator.api import Api
from webhooks.simulator.delivery import Sender, Target
from webhooks.simulator.freeclimb import sign
from webhooks.simulator.plan import PROVIDERS, Plan
from webhooks.simulator.traffic import Traffic

SECRET = "sigsec_" + "0" * 40
TARGETS = {
    "freeclimb": Target("/webhooks/freeclimb/token/", SECRET),
    "callerdesk": Target("/webhooks/callerdesk/token/"),
}


@dataclass
class Heard:
    url: str = ""
    requests: list = field(default_factory=list)  # (method, path, body, headers)
    answers: list = field(default_factory=list)  # (status, headers) to give first; then 200
    connections: set = field(default_factory=set)


@contextmanager
def listener(*answers):
    """A server that keeps what it hears."""
    heard = Heard(answers=list(answers))
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                heard.requests.append((self.command, self.path, body, dict(self.headers)))
                heard.connections.add(self.client_address)
                status, headers = heard.answers.pop(0) if heard.answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        do_GET = do_POST = answer

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def lives(count):
    plan = Plan("sending", PROVIDERS, ACCOUNT)
    return [plan.life(number, NOON) for number in range(count)]


def travel(told, **options):
    return list(Traffic(Random(1), **options).bundles(told))


def send(heard, bundles, **options):
    sender = Sender(heard.url, TARGETS, **options)
    return sender.send(bundles, lambda lives: None)


class TrafficTests(SimpleTestCase):
    def test_a_life_keeps_its_order(self):
        told = lives(30)
        self.assertEqual([r for r, _ in travel(told)], [life.requests for life in told])

    def test_reordering_mixes_lives_and_loses_nothing(self):
        told = lives(30)
        bundles = travel(told, reorder=True, window=10)
        sent = [request for requests, _ in bundles for request in requests]
        straight = [request for life in told for request in life.requests]
        self.assertNotEqual(sent, straight)
        self.assertEqual(Counter(map(id, sent)), Counter(map(id, straight)))
        self.assertEqual(sum(ended for _, ended in bundles), 30)

    def test_a_share_is_sent_twice_as_it_was_or_as_it_may_be_after_the_first(self):
        told = lives(200)
        bundles = travel(told, duplicates=0.2)
        again = exact = 0
        for life, (requests, _) in zip(told, bundles, strict=True):
            again += len(requests) - len(life.requests)
            exact += sum(count - 1 for count in Counter(map(id, requests)).values())
            for place, request in enumerate(requests):
                if request not in life.requests:
                    self.assertIn(request, [r.variant for r in requests[:place]])
        total = sum(len(life.requests) for life in told)
        self.assertAlmostEqual(again / total, 0.2, delta=0.05)
        self.assertTrue(0 < exact < again)

    def test_a_share_is_left_out(self):
        told = lives(200)
        traffic = Traffic(Random(1), drop=0.1)
        sent = sum(len(requests) for requests, _ in traffic.bundles(told))
        total = sum(len(life.requests) for life in told)
        self.assertEqual(sent + traffic.dropped, total)
        self.assertAlmostEqual(sent / total, 0.9, delta=0.05)


class SendingTests(SimpleTestCase):
    def test_everything_arrives_as_the_provider_would_send_it(self):
        told = lives(20)
        with listener() as heard:
            outcome = send(heard, travel(told), concurrency=4)
        straight = [request for life in told for request in life.requests]
        self.assertEqual(outcome.answers, {200: len(straight)})
        self.assertLessEqual(len(heard.connections), 4)  # kept open
        arrived = Counter((method, path, body) for method, path, body, _ in heard.requests)
        for request in straight:
            path = TARGETS[request.provider].path
            path += f"?{request.query}" if request.query else ""
            self.assertTrue(arrived[request.method, path, request.body], request)
        for _, path, body, headers in heard.requests:
            if path.startswith("/webhooks/freeclimb/"):
                moment = int(headers["FreeClimb-Signature"].partition("t=")[2].partition(",")[0])
                self.assertEqual(headers["FreeClimb-Signature"], sign(SECRET, moment, body))
                self.assertEqual(json.loads(body)["accountId"], ACCOUNT)
            else:
                self.assertNotIn("FreeClimb-Signature", headers)

    def test_one_connection_keeps_each_life_in_order(self):
        told = lives(10)
        with listener() as heard:
            send(heard, travel(told), concurrency=1)
        straight = [request.body for life in told for request in life.requests]
        self.assertEqual([body for _, _, body, _ in heard.requests], straight)

    def test_what_the_server_could_not_store_is_sent_again_after_it_asked_to(self):
        with listener((503, {"Retry-After": "1"}), (500, {})) as heard:
            outcome = send(heard, travel(lives(1)), concurrency=1)
        self.assertEqual(outcome.retried, 2)
        self.assertEqual(set(outcome.answers), {200})
        self.assertEqual(len({body for _, _, body, _ in heard.requests[:3]}), 1)
        self.assertGreaterEqual(outcome.seconds, 1)

    def test_a_refusal_is_not_argued_with(self):
        with listener((401, {})) as heard:
            outcome = send(heard, travel(lives(1)), concurrency=1)
        self.assertEqual((outcome.retried, outcome.answers[401], outcome.refused), (0, 1, 1))

    def test_ctrl_c_ends_it_after_what_is_under_way(self):
        # A shell that started the tests in the background has them ignore it.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, before)
        with listener() as heard:
            sender = Sender(heard.url, TARGETS, concurrency=2, rate=20)
            timer = threading.Timer(0.5, lambda: signal.raise_signal(signal.SIGINT))
            timer.start()
            with self.assertRaises(KeyboardInterrupt):
                sender.send(travel(lives(100)), lambda lives: None)
        self.assertEqual(sender.outcome.answers, {200: len(heard.requests)})
        self.assertLess(len(heard.requests), 50)

    def test_what_goes_wrong_while_lives_are_told_is_raised(self):
        def bundles():
            yield from travel(lives(2))
            raise RuntimeError("told wrong")

        with listener() as heard, self.assertRaisesMessage(RuntimeError, "told wrong"):
            send(heard, bundles(), concurrency=2)

    def test_it_keeps_to_the_rate(self):
        told = lives(8)
        total = sum(len(life.requests) for life in told)
        with listener() as heard:
            outcome = send(heard, travel(told), concurrency=4, rate=100)
        self.assertGreaterEqual(outcome.seconds, (total - 1) / 100)


def simulate(*arguments, **options):
    """What the command writes."""
    out = io.StringIO()
    call_command("simulate", *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", "http://192.0.2.1:8000"], "is not this machine: add --allow-remote"),
        (["--url", "http://calls.example.com"], "is not this machine"),
        (["--url", "http://127.0.0.1:1"], "nothing answers at http://127.0.0.1:1"),
        (["--duplicates", "20"], "--duplicates is a share from 0 to 1"),
        (["--calls", "0"], "--calls and --concurrency begin at 1"),
        (["--endpoint", "/hooks/freeclimb/x/"], "is no webhook's path"),
        (["--endpoint", "/webhooks/freeclimb/x/"] * 2, "one --endpoint of freeclimb is enough"),
        (["--endpoint", "/webhooks/freeclimb/x/", "--days", "1"], "does not hold that endpoint"),
        (["--freeclimb-secret", SECRET], "go with --endpoint"),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line_before_anything_is_sent(arguments, said):
    with pytest.raises(CommandError, match=said.replace("?", r"\?")) as caught:
        simulate(*arguments)
    assert "\n" not in str(caught.value)
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_given_endpoints_are_played_to_and_nothing_is_made():
    with listener() as heard:
        said = simulate(
            "--calls=12",
            f"--endpoint={heard.url}/webhooks/freeclimb/mine/",
            f"--freeclimb-account={ACCOUNT}",
            f"--freeclimb-secret={SECRET}",
        )
    paths = {path for _, path, _, _ in heard.requests}
    assert paths == {"/healthz", "/webhooks/freeclimb/mine/"}
    assert "requests about" in said
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_requests_that_get_no_200_are_an_error_that_tells_the_answers():
    with listener((200, {}), *[(404, {})] * 1_000) as heard:
        with pytest.raises(CommandError, match=r"requests got no 200: 404: \d+"):
            simulate("--calls=4", f"--url={heard.url}")


class ReadingTests(SimpleTestCase):
    def test_who_is_told_to_wait_waits_and_asks_again(self):
        with listener((429, {"Retry-After": "0"}), (429, {"Retry-After": "0"})) as heard:
            api = Api(heard.url, "a key")
            self.assertEqual(api.get("calls/"), [])
            api.close()
        self.assertEqual([path for _, path, _, _ in heard.requests], ["/api/v1/calls/"] * 3)
