"""Workers as processes: killed, stopped, many at once, beside the server."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from calls.models import Tally
from calltrack import jobs
from calltrack.models import AuditEntry, Job
from tests.server import ROOT, cmdline, database_url_of, environment, parent_of, running_server
from tests.webhooks.door import call_report, to_bytes
from webhooks.endpoints import create_endpoint, endpoint_path
from webhooks.models import EndpointHour

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes of Unix"),
]
SECONDS = 60  # that we wait at most, on a busy machine
STEPS = 20


@contextlib.contextmanager
def process(tmp_path, *command):
    env = environment(tmp_path, database_url_of(connection))
    env |= {"DJANGO_SETTINGS_MODULE": "calltrack.settings", "LOG_LEVEL": "INFO"}
    with subprocess.Popen(
        [sys.executable, *command],
        env=env,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


@contextlib.contextmanager
def worker(tmp_path):
    with process(tmp_path, "-m", "tests.calltrack.job_process") as child:
        says(child, "ready")
        yield child


def says(child, line):
    assert select.select([child.stdout], [], [], SECONDS)[0], "it said nothing"
    assert child.stdout.readline().strip() == line


def wait_until(condition):
    pause, deadline = threading.Event(), time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came true"
        pause.wait(0.05)
    return found


def is_done(job):
    job.refresh_from_db()
    return job.state == Job.State.DONE


def written():
    return Counter(AuditEntry.objects.values_list("username", "object_id"))


def each_once(*names):
    return Counter((name, str(n)) for name in names for n in range(1, STEPS + 1))


@pytest.fixture
def gate(tmp_path):
    return tmp_path / "gate"


def held_job(gate, **arguments):
    return jobs.enqueue("count_up", {"to": STEPS, "hold": 7, "gate": str(gate), **arguments})


def test_what_a_killed_worker_left_is_finished_by_another_and_nothing_is_done_twice(tmp_path, gate):
    job = held_job(gate, inside=True)
    with worker(tmp_path) as first:
        says(first, "holding")  # the seventh is written, but not committed
        first.kill()
        first.wait()
    job.refresh_from_db()
    assert (job.state, job.position, job.done) == (Job.State.RUNNING, {"n": 6}, 6)
    gate.touch()
    with worker(tmp_path):
        wait_until(lambda: is_done(job))
    assert written() == each_once("n")
    assert (job.done, job.total, job.message) == (STEPS, STEPS, f"counted to {STEPS}")


def test_a_worker_that_slept_past_its_lease_writes_nothing_more(tmp_path, gate):
    job = held_job(gate)
    with worker(tmp_path) as first:
        says(first, "holding")
        first.send_signal(signal.SIGSTOP)
        gate.touch()
        with worker(tmp_path) as second:
            wait_until(lambda: is_done(job))
            jobs.enqueue("count_up", {"to": STEPS, "name": "after"})
            second.send_signal(signal.SIGTERM)
            assert second.wait(SECONDS) == 0
        first.send_signal(signal.SIGCONT)
        wait_until(lambda: written() == each_once("n", "after"))  # and it goes on with others
        first.send_signal(signal.SIGTERM)
        _, errors = first.communicate(timeout=SECONDS)
    assert "another worker has taken it over" in errors
    assert written() == each_once("n", "after")


def test_a_worker_told_to_stop_gives_its_job_back(tmp_path, gate):
    job = held_job(gate)
    with worker(tmp_path) as first:
        says(first, "holding")
        first.send_signal(signal.SIGTERM)
        gate.touch()
        assert first.wait(SECONDS) == 0
    job.refresh_from_db()
    assert (job.state, job.worker, job.lease_until) == (Job.State.QUEUED, "", None)
    assert STEPS > job.position["n"] >= 7
    with worker(tmp_path):
        wait_until(lambda: is_done(job))
    assert written() == each_once("n")


def test_several_workers_do_each_job_once(tmp_path):
    with worker(tmp_path), worker(tmp_path), worker(tmp_path):
        names = [f"job {n}" for n in range(12)]
        queued = [jobs.enqueue("count_up", {"to": STEPS, "name": name}) for name in names]
        wait_until(lambda: not Job.objects.exclude(state=Job.State.DONE).exists())
    assert written() == each_once(*names)
    assert Job.objects.filter(attempts=1).count() == len(queued)


@pytest.mark.parametrize("inside", [False, True])
def test_a_worker_outlives_the_loss_of_its_connections(tmp_path, gate, inside):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to lose")
    job = held_job(gate, inside=inside)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (begun,) = cursor.fetchone()
    with worker(tmp_path) as only:
        says(only, "holding")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
                " AND backend_type = 'client backend' AND backend_start > %s",
                [begun],  # the worker's, not those of this process
            )
            assert cursor.rowcount > 0
        gate.touch()
        wait_until(lambda: is_done(job))
        only.send_signal(signal.SIGTERM)
        assert only.wait(SECONDS) == 0
    assert written() == each_once("n")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_command_runs_until_it_is_told_to_stop(tmp_path, how):
    with process(tmp_path, "manage.py", "work", "--lease", "5") as child:
        wait_until(lambda: Job.objects.filter(kind="count_traffic", attempts=0).exists())
        child.send_signal(how)
        assert child.wait(SECONDS) == 0
    assert not Job.objects.filter(state=Job.State.RUNNING).exists()


def test_the_command_ends_with_its_parent(tmp_path):
    with process(tmp_path, "manage.py", "work", "--with-parent") as child:
        wait_until(lambda: Job.objects.exists())
        child.stdin.close()
        assert child.wait(SECONDS) == 0


def job_workers(server):
    """Process ids of the workers of background jobs beside a server (Linux)."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    children = [pid for pid in pids if parent_of(pid) == server.process.pid]
    return [pid for pid in children if b"\0work\0" in cmdline(pid)]


def test_a_server_runs_jobs_and_replaces_the_worker_that_died(tmp_path):
    endpoint, token = create_endpoint(provider="callerdesk", account="Desk")
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
        url = server.url + endpoint_path(endpoint, token)
        with urllib.request.urlopen(url, to_bytes(call_report()), timeout=10) as response:
            assert response.status == 200
        hour, tally = wait_until(EndpointHour.objects.first), wait_until(Tally.objects.first)
        assert (hour.endpoint_id, hour.deliveries, tally.calls) == (endpoint.id, 1, 1)
        if Path("/proc").exists():
            [first] = wait_until(lambda: job_workers(server))
            os.kill(first, signal.SIGKILL)
            [second] = wait_until(lambda: [pid for pid in job_workers(server) if pid != first])
            assert server.stop() == 0
            assert b"work" not in cmdline(second)


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds workers in /proc")
def test_a_killed_server_leaves_no_worker(tmp_path):
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
        [pid] = wait_until(lambda: job_workers(server))
        server.stop(signal.SIGKILL)
        wait_until(lambda: b"work" not in cmdline(pid))
