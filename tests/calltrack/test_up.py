"""`manage.py up`, as a process of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.server import command, environment, running_server

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes of Unix")


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def up(data_dir, *options, env=None, database_url=""):
    """Run it to its end, for starts that are refused."""
    return subprocess.run(
        command("--port", 0, *options),
        env=environment(data_dir, database_url, **(env or {})),
        capture_output=True,
        text=True,
        timeout=60,
    )


def assert_refused(done, *words):
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def drip(server):
    """A request whose body never ends."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    path = server.endpoints["callerdesk"].removeprefix(server.url)
    connection.sendall(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{{".encode()
    )
    return contextlib.closing(connection)


def gone(pid, seconds=5):
    """Whether the process ended in time; it may not be our child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    import select

    with os.fdopen(handle):
        return bool(select.select([handle], [], [], seconds)[0])


def test_the_first_start_prints_once_what_nobody_else_knows(tmp_path):
    data_dir = tmp_path / "var"
    with running_server(data_dir) as server:
        assert get(server.url + "/readyz") == (200, b'{"status": "ok"}')
        assert set(server.endpoints) == {"freeclimb", "callerdesk"}
        assert len(server.password) >= 12
        assert "rotate_endpoint --id" in server.output
        assert "--add-secret" in server.output
        assert data_dir.stat().st_mode & 0o777 == 0o700
        assert (data_dir / "secret_key").stat().st_mode & 0o777 == 0o600
        assert server.stop() == 0
    with running_server(data_dir) as again:
        assert get(again.url + "/readyz")[0] == 200
        assert again.endpoints == {}
        assert "password" not in again.output


def test_a_start_with_secret_and_public_url(tmp_path):
    options = ["--freeclimb-secret", "sigsec_" + "0" * 32, "--freeclimb-account", "AC" + "1" * 40]
    public = "https://calls.example.com"
    with running_server(tmp_path / "var", "--public-url", public, *options) as server:
        assert "--add-secret" not in server.output
        assert server.endpoints["freeclimb"].startswith(public + "/webhooks/freeclimb/")
        forwarded = {"Host": "calls.example.com", "X-Forwarded-Proto": "https"}
        assert get(server.url + "/admin/login/", **forwarded)[0] == 200
        assert get(server.url + "/admin/login/", **forwarded | {"Host": "evil.example"})[0] == 400


def test_two_on_the_same_data_are_refused(tmp_path):
    with running_server(tmp_path / "var") as server:
        assert_refused(up(tmp_path / "var"), "another `up` is running")
        assert get(server.url + "/healthz")[0] == 200


def test_a_busy_port_is_refused(tmp_path):
    with running_server(tmp_path / "one") as server:
        assert_refused(up(tmp_path / "two", "--port", server.port), str(server.port), "listening")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert_refused(up(tmp_path / "two", "--port", port), str(port))


@pytest.mark.parametrize("options", [["--host", "no.such.host.invalid"], ["--port", "70000"]])
def test_an_impossible_address_is_refused(tmp_path, options):
    assert_refused(up(tmp_path / "var", *options), "no such")


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    # A file in the way: unlike permission bits this also stops root.
    (tmp_path / "file").write_text("")
    assert_refused(up(tmp_path / "file" / "var"), "cannot be used")
    assert_refused(up(tmp_path / "file" / "var", env={"SECRET_KEY": "k" * 60}), "cannot write")


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://localhost/calls",
        "postgres://localhost:port/calls",
        "postgres://localhost",
        "sqlite://:memory:",
        "sqlite:////no/such/directory/calls.sqlite3",
        "postgres://nobody:secret@127.0.0.1:1/calls",
        "postgres://nobody:secret@no.such.host.invalid/calls",
    ],
)
def test_a_wrong_database_url_is_refused(tmp_path, url):
    done = up(tmp_path / "var", database_url=url)
    assert_refused(done, "DATABASE_URL")
    assert "secret" not in done.stderr


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_all_its_processes_stop_at_once_when_all_are_told(tmp_path, how):
    """Ctrl-C reaches every process of a terminal."""
    with running_server(tmp_path / "var", workers=2) as server:
        begun = time.monotonic()
        assert server.stop(how, everybody=True, seconds=60) == 0
        assert time.monotonic() - begun < 30
        assert "Traceback" not in server.output


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_time_though_a_request_drips(tmp_path, how):
    """Given four seconds, it is gone after five; here it is given one, as this machine is busy."""
    env = {"STOP_SECONDS": "1"}
    with running_server(tmp_path / "var", env=env) as server, drip(server):
        assert get(server.url + "/healthz")[0] == 200  # the dripping one holds nobody up
        begun = time.monotonic()
        assert server.stop(how) == 0
        assert time.monotonic() - begun < 5
        assert "Traceback" not in server.output


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux pins processes")
def test_each_of_several_workers_keeps_to_a_processor(tmp_path):
    processors = os.sched_getaffinity(0)
    with running_server(tmp_path / "var", workers=2) as server:
        deadline, kept = time.monotonic() + 30, [processors]
        while time.monotonic() < deadline and {len(mine) for mine in kept} != {1}:
            get(server.url + "/readyz")  # one answers perhaps before the other has begun
            kept = [os.sched_getaffinity(pid) for pid in server.workers()]
        assert [len(mine) for mine in kept] == [1, 1]
        assert len(set.union(*kept)) == min(2, len(processors))
        assert os.sched_getaffinity(server.process.pid) == processors


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds workers in /proc")
def test_a_killed_server_leaves_no_workers_and_starts_again_on_its_port(tmp_path):
    with running_server(tmp_path / "var", workers=2) as server:
        port, workers = server.port, server.workers()
        assert len(workers) == 2
        server.stop(signal.SIGKILL)
        assert all(gone(pid) for pid in workers)
    with running_server(tmp_path / "var", port=port) as again:
        assert get(again.url + "/readyz")[0] == 200


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds workers in /proc")
def test_a_killed_worker_is_replaced(tmp_path):
    with running_server(tmp_path / "var", workers=1) as server:
        [worker] = server.workers()
        os.kill(worker, signal.SIGKILL)
        assert gone(worker)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if get(server.url + "/readyz")[0] == 200:
                    break
        assert server.workers() not in ([], [worker])
        assert server.stop() == 0


def test_a_chunked_body_arrives(tmp_path):
    """Django's own request.body would be empty, and the answer still a 200."""
    with running_server(tmp_path / "var") as server:
        path = server.endpoints["callerdesk"].removeprefix(server.url)
        body = b'{"CallSid": "1672649960.960"}'
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            head = f"POST {path} HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n"
            head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            connection.sendall(head.encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
            answer = connection.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200")


def test_only_http_1_is_spoken(tmp_path):
    """Over HTTP/2 the body of a GET would be lost, and the answer still a 200."""
    with running_server(tmp_path / "var") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1000) == b""  # closed; HTTP/2 would greet with settings


def test_a_webhook_needs_no_host_and_no_slash(tmp_path):
    with running_server(tmp_path / "var", "--public-url", "https://calls.example.com") as server:
        public = server.endpoints["callerdesk"]
        url = server.url + public.removeprefix("https://calls.example.com")
        for address in (url, url.rstrip("/")):
            assert get(address + "?CallSid=1.10", Host="who.knows")[0] == 200
        assert get(server.url + "/healthz", Host="10.0.0.1")[0] == 200


def test_the_demo_plays_calls_and_ends_with_the_server(tmp_path):
    with running_server(tmp_path / "var", "--demo") as server:
        # The past comes first; the live part is announced with a seed of its own.
        assert server.wait_for("--seed", times=2), server.output
        assert server.stop() == 0
        assert "Traceback" not in server.output
