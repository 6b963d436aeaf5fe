"""Where a request may go, and that it ends."""

import socket
import threading
import time
from ipaddress import ip_address, ip_network

import pytest

from webhooks.outgoing import addresses, target
from webhooks.outgoing.target import BadTarget, Unreachable, check_url, post

from .listening import LOOPBACK, answer, closed_port, listening

SOON = 30  # seconds that a busy machine may take for what needs none


@pytest.fixture
def nearby(settings):
    """Targets on this machine, over plain http."""
    settings.OUTGOING_ALLOWED_NETWORKS = LOOPBACK
    settings.OUTGOING_ALLOW_HTTP = True


SPECIAL = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
    169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1
    192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
    255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:7f00:1
    64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:10::1
    2002:7f00:1:: 2002:808:808:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1
"""


@pytest.mark.parametrize("address", SPECIAL.split())
def test_addresses_that_no_target_may_have(address):
    assert not addresses.is_allowed(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_public_addresses(address):
    assert addresses.is_allowed(ip_address(address))


def test_a_setting_names_networks_that_are_allowed_all_the_same(settings):
    settings.OUTGOING_ALLOWED_NETWORKS = [ip_network("10.1.0.0/16"), ip_network("fd12::/16")]
    for address, allowed in (("10.1.2.3", True), ("10.2.0.1", False), ("fd12::1", True)):
        assert addresses.is_allowed(ip_address(address)) == allowed


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "begins with https"),
        ("ftp://example.com/", "begins with https"),
        ("file:///etc/passwd", "begins with https"),
        ("example.com", "begins with https"),
        ("", "printable"),
        ("https:///path", "names a host"),
        ("https://", "names a host"),
        ("https://user@example.com/", "no user"),
        ("https://user:secret@example.com/", "no user"),
        ("https://example.com/#part", "fragment"),
        ("https://example.com:0/", "port 0"),
        ("https://example.com:99999/", "not a URL"),
        ("https://[::1/", "not a URL"),
        ("https://example.com/a b", "printable"),
        ("https://example.com/\r\nX-Header: 1", "printable"),
        ("https://example.com\\@127.0.0.1/", "backslash"),
        ("https://exämple.com/", "printable"),
        ("https://example.com/" + "x" * 2_000, "at most 2,000"),
        ("https://127.0.0.1/", "no target may have"),
        ("https://127.1/", "no target may have"),
        ("https://0x7f000001/", "no target may have"),
        ("https://2130706433/", "no target may have"),
        ("https://017700000001/", "no target may have"),
        ("https://[::ffff:127.0.0.1]/", "no target may have"),
        ("https://[fe80::1%25eth0]/", "no target may have"),
        ("https://10.0.0.1./", "no target may have"),
        ("https://127.1./", "no target may have"),
        ("https://.../", "no name of a host"),
        ("https://a..example/", "no name of a host"),
        ("https://[v1.x]/", "no name of a host|not a URL"),
        ("https://[2606:4700::1111%25eth0]/", "no name of a host"),
        ("https://10%2e0%2e0%2e1/", "no name of a host"),
        ("https://1.2.3.4.5/", "no name of a host"),
        (f"https://{'x' * 80}.example/", "no name of a host"),
        ("https://" + "x." * 150 + "example/", "no name of a host"),
        ("https://exam*ple.example/", "no name of a host"),
    ],
)
def test_what_cannot_be_a_target(url, why):
    with pytest.raises(BadTarget, match=why):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://hooks.example.com:8443/calls?token=a%20b",
        "https://xn--exmple-cua.example/",
        "https://my_host-1.example.com./",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:444/x",
    ],
)
def test_what_can(url):
    assert check_url(url).hostname


NOWHERE = "its name leads to no address that a target may have"


def test_a_name_that_resolves_to_this_machine_is_refused_when_connecting(settings, caplog):
    settings.OUTGOING_ALLOW_HTTP = True
    with listening(answer_ok) as (port, came):
        assert check_url(f"http://localhost:{port}/")
        with pytest.raises(Unreachable) as raised:
            post(f"http://localhost:{port}/", b"{}", {}, SOON)
    assert came == []
    # Where names within our network lead to is for those who read the log.
    assert str(raised.value) == NOWHERE
    assert "localhost leads to" in caplog.text


def test_a_name_that_nobody_knows_is_told_of_like_one_within_our_network(settings, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    settings.OUTGOING_ALLOW_HTTP = True
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable) as raised:
        post("http://nobody.example/", b"{}", {}, SOON)
    assert str(raised.value) == NOWHERE


class Resolver:
    """Names resolve as told: each time to the next ones of these addresses."""

    def __init__(self, monkeypatch, *each_time):
        self.each_time, self.asked = list(each_time), 0
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host, port, *args, **kwargs):
        found = self.each_time[min(self.asked, len(self.each_time) - 1)]
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]


def test_a_name_that_resolves_otherwise_the_second_time_gains_nothing(settings, monkeypatch):
    settings.OUTGOING_ALLOW_HTTP = True
    settings.OUTGOING_ALLOWED_NETWORKS = [ip_network("127.0.0.2/32")]
    with listening(answer_ok, "127.0.0.2") as (port, allowed):
        resolver = Resolver(monkeypatch, ["127.0.0.2"], ["127.0.0.1"])
        assert post(f"http://rebinds.example:{port}/", b"{}", {}, SOON).status == 200
    assert (resolver.asked, len(allowed)) == (1, 1)
    assert allowed[0][0]["host"] == f"rebinds.example:{port}"


def test_one_forbidden_address_among_several_is_enough(settings, monkeypatch):
    settings.OUTGOING_ALLOW_HTTP = True
    settings.OUTGOING_ALLOWED_NETWORKS = [ip_network("127.0.0.2/32")]
    with listening(answer_ok, "127.0.0.2") as (port, came):
        Resolver(monkeypatch, ["127.0.0.2", "127.0.0.1"])
        with pytest.raises(Unreachable, match=NOWHERE):
            post(f"http://both.example:{port}/", b"{}", {}, SOON)
    assert came == []


def answer_ok(connection, headers, body):
    answer(connection, 200, body=b"fine")


def test_a_request_and_its_answer(nearby):
    with listening(answer_ok) as (port, came):
        url = f"http://127.0.0.1:{port}/calls?token=a%20b"
        said = post(url, b'{"a":1}', {"webhook-id": "m1"}, SOON)
    assert (said.status, said.excerpt, said.retry_after) == (200, "fine", "")
    [(headers, body)] = came
    assert (body, headers["webhook-id"], headers["host"]) == (
        b'{"a":1}',
        "m1",
        f"127.0.0.1:{port}",
    )


def test_a_redirect_is_an_answer_and_no_way_on(nearby):
    with listening(answer_ok) as (elsewhere, reached):

        def redirect(connection, headers, body):
            answer(connection, 307, f"Location: http://127.0.0.1:{elsewhere}/\r\n")

        with listening(redirect) as (port, _):
            assert post(f"http://127.0.0.1:{port}/", b"{}", {}, SOON).status == 307
    assert reached == []


def test_an_endless_answer_is_cut(nearby):
    def endless(connection, headers, body):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    with listening(endless) as (port, _):
        said = post(f"http://127.0.0.1:{port}/", b"{}", {}, 600)
    assert (said.status, said.excerpt) == (200, "x" * target.EXCERPT)


def test_endless_headers_are_no_answer(nearby):
    def endless(connection, headers, body):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"x" * 8_000 + b"\r\n")

    with listening(endless) as (port, _), pytest.raises(Unreachable, match="connection failed"):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, 600)


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nX-Drip: "])
def test_who_drips_is_cut_off(nearby, first):
    pause = threading.Event()

    def drip(connection, headers, body):
        connection.sendall(first)
        while True:
            connection.sendall(b"x")
            pause.wait(0.05)

    begun = time.monotonic()
    with listening(drip) as (port, _), pytest.raises(Unreachable, match="no answer within 0.5 s"):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, 0.5)
    assert time.monotonic() - begun < SOON


def test_a_dripping_body_counts_by_its_status(nearby):
    pause = threading.Event()

    def drip(connection, headers, body):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            pause.wait(0.05)

    with listening(drip) as (port, _):
        said = post(f"http://127.0.0.1:{port}/", b"{}", {}, 0.5)
    assert said.status == 200
    assert set(said.excerpt) == {"x"}


def test_who_does_not_read_is_cut_off(nearby):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(Unreachable, match="no answer"):
            post(url, b"x" * 50_000_000, {}, 0.5)


def test_why_it_failed_is_said_without_the_url(nearby):
    url = f"http://127.0.0.1:{closed_port()}/token-in-path"
    with pytest.raises(Unreachable, match="connection failed: Connection refused") as raised:
        post(url, b"{}", {}, SOON)
    assert "token" not in str(raised.value)


def test_nonsense_is_no_answer(nearby):
    def nonsense(connection, headers, body):
        connection.sendall(b"\xff\xfe nonsense\r\n\r\n")

    with listening(nonsense) as (port, _), pytest.raises(Unreachable, match="connection failed"):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, SOON)


def test_a_proxy_of_the_environment_is_not_used(nearby, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}/")
    with listening(answer_ok) as (port, _):
        assert post(f"http://127.0.0.1:{port}/", b"{}", {}, SOON).status == 200
