"""What the product is compared with."""

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from socket import create_connection
from time import monotonic, sleep

from calltrack import serving
from tests import server
from tests.bench import servers
from tests.postgres import binaries

from .load import Measured, Watch, children_seconds

TABLE = "bench_raw"
SAMPLES = 32  # deliveries whose bytes are inserted in turns
CLIENTS = 64
START_SECONDS = 30


@contextlib.contextmanager
def running(target, *, workers, threads, database_url=""):
    """(port, process id) of a WSGI application on the same server software as ours."""
    with tempfile.TemporaryDirectory() as data_dir:
        # A connection for each thread: who commits alone must not wait for one.
        more = dict.fromkeys(["SERVER_THREADS", "DATABASE_POOL_SIZE"], str(threads))
        environ = server.environment(data_dir, database_url, **more)
        _, port = serving.free_address("127.0.0.1", 0)
        command = [sys.executable, "-m", "tests.bench.programs.serve", target]
        process = subprocess.Popen(
            [*command, str(port), str(workers), str(threads)], cwd=server.ROOT, env=environ
        )
        try:
            wait_until_open(process, port)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait()


def wait_until_open(process, port):
    end = monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), create_connection(("127.0.0.1", port), timeout=5):
            return
        if process.poll() is not None or monotonic() > end:
            raise server.DidNotStart(" ".join(process.args))
        sleep(0.1)


def prepare_raw(url):
    """A table like that of deliveries, indexes and rows included, and the INSERTs of some of its
    rows: [(statement with :body, body as text)]. Ids are new each time."""
    like = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING INDEXES"
    servers.execute(url, f"CREATE TABLE {TABLE} (LIKE webhooks_delivery {like})")
    servers.execute(url, f"INSERT INTO {TABLE} SELECT * FROM webhooks_delivery")
    servers.execute(url, f"VACUUM ANALYZE {TABLE}")
    columns = [
        name
        for (name,) in servers.query(
            url,
            "SELECT column_name::text FROM information_schema.columns"
            " WHERE table_name = 'webhooks_delivery' ORDER BY ordinal_position",
        )
    ]
    made = {"id": "gen_random_uuid()", "subject": "gen_random_uuid()", "body": ":body"}
    made |= dict.fromkeys(["received_at", "processed_at"], "now()")
    given = [name for name in columns if name not in made]
    literals = ", ".join(f"quote_nullable({name}::text)" for name in given)
    rows = servers.query(
        url,
        f"SELECT body::text, {literals} FROM webhooks_delivery"
        " ORDER BY received_at DESC, id LIMIT %s",
        SAMPLES,
    )
    statements = []
    for body, *values in rows:
        values = made | dict(zip(given, values, strict=True))
        listed = ", ".join(values[name] for name in columns)
        statements.append((f"INSERT INTO {TABLE} ({', '.join(columns)}) VALUES ({listed})", body))
    return statements


def pgbench():
    """The program, None where there is none."""
    beside = binaries() / "pgbench"
    return beside if beside.exists() else shutil.which("pgbench")


def insert_raw(url, statements, seconds):
    """One raw row a transaction from 64 connections, as pgbench does it; else as psycopg does."""
    watch = Watch({}, url)
    if program := pgbench():
        count, took, used = with_pgbench(program, url, statements, seconds)
    else:
        count, took, used = with_psycopg(url, statements, seconds)
    cpu, wal, images = watch.stop()
    return Measured(count, took, cpu | {"generator": used}, wal=wal, images=images)


def with_pgbench(program, url, statements, seconds):
    with tempfile.TemporaryDirectory() as directory:
        command = [program, "--no-vacuum", "--protocol=prepared", "--jobs=2"]
        command += [f"--client={CLIENTS}", f"--time={seconds:.0f}"]
        for number, (statement, body) in enumerate(statements):
            script = Path(directory) / f"{number}.sql"
            script.write_text(statement.replace(":body", f":body_{number}") + ";\n")
            # As a parameter: the bytes travel, as they do for us.
            command += [f"--define=body_{number}={body}", f"--file={script}"]
        before = children_seconds()
        done = subprocess.run([*command, url], capture_output=True, text=True)
    used = children_seconds() - before
    count = re.search(r"transactions actually processed: (\d+)", done.stdout)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not count or not rate:
        raise RuntimeError(f"pgbench failed:\n{done.stdout}\n{done.stderr}")
    return int(count[1]), int(count[1]) / float(rate[1]), used


def with_psycopg(url, statements, seconds):
    from . import raw_rows

    return raw_rows.insert(url, statements, seconds, CLIENTS)
