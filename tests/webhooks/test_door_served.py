"""What everybody hears, from the real server and through Django's handler: the same."""

import http.client
import socket
import threading
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.test import Client, TestCase

from calltrack.wsgi import application
from tests.server import database_url_of, running_server
from tests.webhooks.door import (
    ACCOUNT,
    OTHER_SECRET,
    SECRET,
    Door,
    call_event,
    call_report,
    signature,
    to_bytes,
)
from webhooks import door, endpoints, inbox
from webhooks.models import Delivery

FREECLIMB, CALLERDESK = "/webhooks/freeclimb/{freeclimb}", "/webhooks/callerdesk/{callerdesk}"
EVENT, REPORT = to_bytes(call_event()), to_bytes(call_report())
SUCCESS = (200, b"success", "text/plain; charset=utf-8")
NO_ENDPOINT = (404, b"No such endpoint.\n", "text/plain")
BAD_SIGNATURE = (401, b"Bad signature.\n", "text/plain")
SAME = ("Content-Type", "Content-Length", "Allow", "Retry-After", "X-Content-Type-Options")


@dataclass(frozen=True)
class Case:
    """A request, and what it hears: (status, body, content type). None: Django's own page."""

    name: str
    path: str
    heard: tuple[int, bytes, str] | None
    body: bytes = b""
    method: str = "POST"
    headers: dict = field(default_factory=dict)
    chunked: bool = False
    allow: str | None = None


def signed(name, path, heard, body=EVENT, by=None, **more):
    headers = {"FreeClimb-Signature": by or signature(body), "Content-Type": "application/json"}
    return Case(name, path, heard, body, headers=headers, **more)


def cases():
    """Signed now."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    json = {"Content-Type": "application/json"}
    empty = b'{"pad":"' + b"x" * (door.MAX_BODY - 10) + b'"}'
    yield signed("signed", FREECLIMB + "/", (200, b"[]", "application/json"))
    yield signed("without the last slash", FREECLIMB, (200, b"[]", "application/json"))
    yield Case("posted", CALLERDESK + "/", SUCCESS, REPORT, headers=json)
    yield Case("got", CALLERDESK + "/?CallSid=1.2&type=call_report", SUCCESS, method="GET")
    yield Case("a ping", CALLERDESK, SUCCESS, method="GET")
    any_host = {"Host": "tunnel.example", **json}
    yield Case("any host", CALLERDESK, SUCCESS, REPORT, headers=any_host)
    written = CALLERDESK.replace("callerdesk/", "%63allerdesk/")
    yield Case("percent-encoded letters", written, SUCCESS, REPORT, headers=json)
    yield Case("a percent-encoded slash", CALLERDESK + "%2F", SUCCESS, REPORT, headers=json)
    yield Case("chunked JSON", CALLERDESK, SUCCESS, REPORT, headers=json, chunked=True)
    yield Case("64 KiB", CALLERDESK, SUCCESS, empty, headers=json)
    too_large = (413, b"More than 64 KiB.\n", "text/plain")
    yield Case("a byte more", CALLERDESK, too_large, empty + b" ", headers=json)
    no_length = (411, b"Say the length.\n", "text/plain")
    yield Case("a chunked form", CALLERDESK, no_length, b"a=1", headers=form, chunked=True)
    yield Case("unknown token", "/webhooks/freeclimb/nosuchtoken/", NO_ENDPOINT, b"{}")
    yield Case("unknown provider", "/webhooks/nobody/{callerdesk}/", NO_ENDPOINT, b"{}")
    yield Case("another's token", "/webhooks/freeclimb/{callerdesk}/", NO_ENDPOINT, b"{}")
    yield Case("no UTF-8", "/webhooks/callerdesk/%ff%00/", NO_ENDPOINT, b"{}")
    yield Case("letters as they are", "/webhooks/callerdesk/आशा/", NO_ENDPOINT, b"{}")
    yield Case("a line break after it", CALLERDESK + "%0A", NO_ENDPOINT, b"{}")
    yield Case("two slashes", CALLERDESK + "//", None, b"{}")
    yield Case("nothing in between", "/webhooks//{callerdesk}/", None, b"{}")
    yield Case("one name too many", CALLERDESK + "/more/", None, b"{}")
    yield Case("no token", "/webhooks/callerdesk/", None, b"{}")
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        told = (405, b"", "text/plain")
        yield Case(method, CALLERDESK, told, method=method, allow="GET, POST")
    yield Case(
        "GET of one that posts", FREECLIMB, (405, b"", "text/plain"), b"", "GET", allow="POST"
    )
    yield Case("no signature", FREECLIMB, BAD_SIGNATURE, EVENT, headers=json)
    of_another = signature(EVENT, OTHER_SECRET)
    yield signed("another's signature", FREECLIMB, BAD_SIGNATURE, by=of_another)
    yield signed("an old signature", FREECLIMB, BAD_SIGNATURE, by=signature(EVENT, t=1))


def through_django(case, path):
    client = Client(raise_request_exception=False)
    headers = {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in case.headers.items()}
    headers["CONTENT_TYPE"] = headers.pop("HTTP_CONTENT_TYPE", "")
    headers["wsgi.input"] = BytesIO(case.body)
    if case.body and not case.chunked:
        headers["CONTENT_LENGTH"] = str(len(case.body))
    response = client.generic(case.method, path, **headers)
    return response.status_code, response.content, response.headers


def at_the_server(case, path, port):
    lines = [f"{case.method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in ({"Host": "x"} | case.headers).items()]
    body = case.body
    if case.chunked:
        lines += ["Transfer-Encoding: chunked"]
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    elif body:
        lines += [f"Content-Length: {len(body)}"]
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as asking:
        asking.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        response = http.client.HTTPResponse(asking, method=case.method)
        response.begin()
        return response.status, response.read(), response.headers


def made_endpoints():
    """Provider → token."""
    freeclimb = {"provider_account_id": ACCOUNT, "secrets": [SECRET]}
    return {
        "freeclimb": endpoints.create_endpoint(provider="freeclimb", account="A", **freeclimb)[1],
        "callerdesk": endpoints.create_endpoint(provider="callerdesk", account="B")[1],
    }


@pytest.mark.django_db(transaction=True)
def test_the_server_and_django_answer_alike(tmp_path):
    tokens = made_endpoints()
    url = database_url_of(connection)
    wrong = []
    with running_server(tmp_path, database_url=url, workers=1) as server:
        for case in cases():
            path = case.path.format(**tokens)
            served = at_the_server(case, path, server.port)
            for way, (status, body, headers) in {
                "server": served,
                "django": through_django(case, path),
            }.items():
                if case.heard is None:
                    fits = status == 404 and b"No such endpoint" not in body
                else:
                    allow, kind = headers.get("Allow"), headers.get("Content-Type")
                    fits = (status, body, kind, allow) == (*case.heard, case.allow)
                    fits = fits and headers.get("X-Content-Type-Options") == "nosniff"
                if not fits:
                    wrong.append((case.name, way, status, body[:40], dict(headers)))
            if case.heard and case.method != "HEAD":
                assert served[2]["Content-Length"] == str(len(case.heard[1])), case.name
    assert not wrong
    for token in tokens.values():
        assert token not in server.output
    for secret in ("CallSid=1.2", "xxxxxxxx", "+1312555", "Traceback"):
        assert secret not in server.output
    assert server.output.count("was refused: Unauthorized") == 3
    assert "A webhook of no endpoint was refused: Not Found" in server.output


@pytest.mark.django_db(transaction=True)
def test_who_is_refused_keeps_no_connection_of_the_pool(tmp_path):
    tokens = made_endpoints()
    unknown = Case("", "/webhooks/callerdesk/nosuchtoken/", None, b"{}")
    env = {"DATABASE_POOL_SIZE": "2", "DATABASE_PATIENCE": "2"}
    url, told = database_url_of(connection), []
    with running_server(tmp_path, database_url=url, workers=1, env=env) as server:
        together = threading.Barrier(8)

        def knock():
            for _ in range(3):
                together.wait(60)
                told.append(at_the_server(unknown, unknown.path, server.port)[0])

        threads = [threading.Thread(target=knock) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        case = Case("", CALLERDESK, SUCCESS, REPORT)
        told.append(at_the_server(case, case.path.format(**tokens), server.port)[0])
    assert told == [404] * 24 + [200]
    assert Delivery.objects.count() == 1


class TroubleTests(Door, TestCase):
    """Both ways lead to the same function, so what goes wrong behind it is tried once for each."""

    def both(self, error):
        with (
            mock.patch.object(inbox, "put", side_effect=error),
            self.assertLogs("webhooks.door", "ERROR") as logged,
        ):
            response = self.post_callerdesk(call_report())
            heard = {}
            environ = self.client._base_environ(
                REQUEST_METHOD="POST",
                PATH_INFO=self.callerdesk_path,
                CONTENT_LENGTH=str(len(REPORT)),
                **{"wsgi.input": BytesIO(REPORT)},
            )
            body = application(environ, lambda *told: heard.update(status=told[0], headers=told[1]))
        self.assertEqual(b"".join(body), response.content)
        self.assertEqual(heard["status"], f"{response.status_code} {response.reason_phrase}")
        for name, value in heard["headers"]:
            if name != "Content-Length":
                self.assertEqual(value, response.headers[name], name)
        token = self.callerdesk_path.split("/")[3]
        self.assertNotIn(token, "".join(logged.output))
        return response

    def test_what_cannot_be_stored_is_to_be_sent_again(self):
        for error in (inbox.Unavailable("the queue is full"), DatabaseError("locked")):
            response = self.both(error)
            self.assertEqual((response.status_code, response["Retry-After"]), (503, "5"))
            self.assertEqual(response.content, b"Could not be stored.\n")

    def test_a_fault_of_ours_is_no_answer_that_would_lose_it(self):
        response = self.both(RuntimeError("a bug"))
        self.assertEqual(response.status_code, 500)
