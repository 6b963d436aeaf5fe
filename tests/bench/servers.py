"""What benchmarks run on: a PostgreSQL of their own that loses nothing, with databases full of
calls that may be kept for the next time."""

import contextlib
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentTypeError
from pathlib import Path
from time import perf_counter

import psycopg

from tests import server
from tests.postgres import running_postgres

# As its manual advises: a quarter of the memory. With 1 GB, indexes of a million calls came and
# went: a webhook cost PostgreSQL up to 417 µs.
_BUFFERS = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 // 2**20
SETTINGS = [f"shared_buffers={_BUFFERS}MB", "max_wal_size=4GB", "checkpoint_timeout=15min"]
# Said below each table that was measured on it.
SETTINGS_TOLD = ", ".join(["fsync and synchronous_commit on", *SETTINGS])
# Not under the data directory, which only its owner may enter: PostgreSQL refuses to run as root.
KEPT = Path("/var/tmp") / f"calltrack-bench-{os.geteuid()}"


def number(least, most=None):
    """The type of an option that is a whole number, such as 10_000."""
    bounds = f"from {least:,}" + (f" to {most:,}" if most else "")

    def whole(text):
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or (most and value > most):
            raise ArgumentTypeError(f"a whole number {bounds}, not {text!r}")
        return value

    return whole


def say(text):
    """Progress."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def keeping(parser):
    """The option of benchmarks that need a database full of calls."""
    parser.add_argument(
        "--keep",
        metavar="DIR",
        type=Path,
        default=KEPT,
        help=f"Where full databases stay for the next run ({KEPT}); remove it when you are done.",
    )


@contextlib.contextmanager
def own_postgres(directory=None, more=()):
    """The URL of a PostgreSQL of our own, fsync on; with a directory its databases stay in it.
    `more`: settings beside SETTINGS, "name=value"."""
    with running_postgres(fsync=True, directory=directory, settings=[*SETTINGS, *more]) as url:
        # Of a run that was killed; a server's directory has one run at a time.
        for (name,) in query(url, "SELECT datname FROM pg_database WHERE datname ~ '^run_'"):
            execute(url, f"DROP DATABASE {name}")
        yield url


def at(url, name):
    """The URL of another database on the same server."""
    before, _, after = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{after}"


def filled(url, calls):
    """The URL of a database with so many calls, made unless it is there already: then its tables
    are as they were at that time. Whoever migrates or writes does so on a `copy`."""
    name, unfinished = f"calls_{calls}", f"filling_{calls}"
    if not exists(url, name):
        say(f"filling a database with {calls:,} calls, once")
        begun = perf_counter()
        create(url, unfinished)
        manage(at(url, unfinished), "migrate", "--verbosity", "0")
        manage(at(url, unfinished), "fill", "--calls", calls, "--indexes-last")
        manage(at(url, unfinished), "work", "--once")  # what a fill leaves to be counted
        execute(at(url, unfinished), "VACUUM ANALYZE")
        execute(url, f"ALTER DATABASE {unfinished} RENAME TO {name}")
        say(f"filled in {perf_counter() - begun:,.0f} s")
    return at(url, name)


@contextlib.contextmanager
def copy(url, original):
    """The URL of a copy of a database, gone afterwards; nobody may be connected to the original."""
    template = original.partition("?")[0].rpartition("/")[2]
    name = f"run_{os.getpid()}_{template}"
    # Copied as files: rows through the WAL would be three times as much to write.
    create(url, name, f"TEMPLATE {template} STRATEGY file_copy")
    try:
        yield at(url, name)
    finally:
        execute(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def create(url, name, how=""):
    execute(url, f"DROP DATABASE IF EXISTS {name}")
    execute(url, f"CREATE DATABASE {name} {how}")


def exists(url, name):
    return bool(query(url, "SELECT 1 FROM pg_database WHERE datname = %s", name))


def execute(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def query(url, statement, *values):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement, values).fetchall()


def asked(url):
    """(version, settings) of a server that may be anybody's, as said below a table."""
    names = ["fsync", "synchronous_commit", *(one.partition("=")[0] for one in SETTINGS)]
    [version, *values] = (query(url, f"SHOW {name}")[0][0] for name in ["server_version", *names])
    return version.split()[0], ", ".join(map("=".join, zip(names, values, strict=True)))


def manage(url, *arguments, data_dir=None):
    """Run `manage.py` on a database and nothing of the caller's own; what it printed.
    Raises CalledProcessError."""
    return python(url, "manage.py", *arguments, data_dir=data_dir)


def python(url, *arguments, data_dir=None):
    """The same of any program, such as "-m", "a.module"."""
    with contextlib.ExitStack() as stack:
        data_dir = data_dir or stack.enter_context(tempfile.TemporaryDirectory())
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=server.ROOT,
            env=server.environment(data_dir, url),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout


@contextlib.contextmanager
def running_up(url, *, workers, threads):
    """The real server, as `up` starts it, on a data directory of its own; "" is an SQLite in it."""
    with (
        tempfile.TemporaryDirectory() as data_dir,
        server.running_server(
            data_dir, "--threads", threads, database_url=url, workers=workers
        ) as running,
    ):
        yield running
