"""`manage.py test` and the PostgreSQL it starts."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres import NoPostgres, binaries, running_postgres
from tests.server import ROOT

ONE = "tests/calltrack/test_views.py::test_ready"


@pytest.fixture
def postgres():
    try:
        binaries()
    except NoPostgres as error:
        pytest.skip(str(error))


def run(*arguments):
    names = ("CALLTRACK_TESTS", "CALLTRACK_DATA", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")
    environ = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "manage.py", "test", *arguments, "-n", "0"]
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
    )


def test_both_databases_by_default_and_a_summary_for_each(postgres):
    done = run(ONE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"1 passed", done.stdout)) == 2


def test_one_database_and_a_failure(postgres):
    done = run("--db", "sqlite", "-k", "nothing_is_called_this", ONE)
    assert done.returncode == 5  # pytest: no test was run
    assert "== SQLite" in done.stdout
    assert "== PostgreSQL" not in done.stdout


def test_a_server_of_our_own_is_empty_and_leaves_nothing(postgres):
    with running_postgres(fsync=True) as url:
        directory = Path(url.partition("host=")[2])
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert directory.exists()
    assert not directory.exists()


def test_a_server_ends_with_whoever_asked_for_it(postgres):
    code = (
        "import os, signal\nfrom tests.postgres import running_postgres\n"
        "with running_postgres() as url:\n"
        "    print(url, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    asker = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    url = asker.stdout.readline().strip()
    asker.wait()
    directory = Path(url.partition("host=")[2])
    # Nobody is left to wait for: the keeper ends on its own, its directory last.
    deadline = time.monotonic() + 20
    while directory.exists() and time.monotonic() < deadline:
        os.sched_yield()
    assert not directory.exists()
    asker.stdout.close()
