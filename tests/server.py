"""The real server for tests: `manage.py up` in processes of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
NAMES = {"FreeClimb": "freeclimb", "CallerDesk": "callerdesk"}


class DidNotStart(Exception):
    pass


@dataclass
class Server:
    process: subprocess.Popen
    data_dir: Path
    lines: list[str] = field(default_factory=list)
    url: str = ""
    said: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, text, times=1, seconds=60):
        """Whether its output has this, so often, in time."""
        with self.said:
            return self.said.wait_for(lambda: self.output.count(text) >= times, seconds)

    @property
    def output(self):
        return "".join(self.lines)

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    @property
    def endpoints(self):
        """Provider → URL of its webhook; printed by the first start on a database only."""
        found = re.findall(r"^  (FreeClimb|CallerDesk) +(\S+)$", self.output, re.MULTILINE)
        return {NAMES[name]: url for name, url in found}

    @property
    def password(self):
        return re.search(r"password (\S+)", self.output).group(1)

    def workers(self):
        """Process ids of the workers (Linux)."""
        pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
        children = [pid for pid in pids if parent_of(pid) == self.process.pid]
        return [pid for pid in children if b"spawn_main" in cmdline(pid)]

    def stop(self, how=signal.SIGTERM, *, everybody=False, seconds=10):
        """Stop, or tell all its processes to stop as a terminal does; the exit code."""
        if everybody:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        return self.process.wait(seconds)


def parent_of(pid):
    # After the name in brackets, which may hold anything: the state, then the parent.
    status = of_process(pid, "stat").rpartition(b")")[2].split()
    return int(status[1]) if status else None


def cmdline(pid):
    return of_process(pid, "cmdline")


def of_process(pid, name):
    """What /proc says of a process; empty once it is gone."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def command(*options):
    return [sys.executable, str(ROOT / "manage.py"), "up", "--noinput", *map(str, options)]


def environment(data_dir, database_url="", **more):
    """What `up` is started with: nothing of the caller's own configuration."""
    names = ("DATABASE_URL", "CALLTRACK_DATA", "DJANGO_SETTINGS_MODULE", "PUBLIC_URL")
    names += ("DATABASE_PATIENCE",)
    environ = {name: value for name, value in os.environ.items() if name not in names}
    environ |= {"CALLTRACK_DATA": str(data_dir), "DATABASE_URL": database_url, **more}
    return environ | {"PYTHONUNBUFFERED": "1"}


@contextlib.contextmanager
def running_server(data_dir, *options, database_url="", workers=None, port=0, env=None):
    """A server that answers on a free loopback port; its process is gone afterwards."""
    options = ["--port", port, *options]
    if workers:
        options += ["--workers", workers]
    process = subprocess.Popen(
        command(*options),
        env=environment(data_dir, database_url, **(env or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    server = Server(process, Path(data_dir))
    ready = threading.Event()
    reader = threading.Thread(target=read, args=(server, ready), daemon=True)
    reader.start()
    try:
        ready.wait(START_SECONDS)
        if not server.url:
            raise DidNotStart(server.output)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        reader.join(5)
        process.stdout.close()


def read(server, ready):
    for line in server.process.stdout:
        with server.said:
            server.lines.append(line)
            server.said.notify_all()
        if found := re.match(r"Serving on (http://\S+?)/ ", line):
            server.url = found.group(1)
            ready.set()
    ready.set()


def database_url_of(connection):
    """The URL of the database that the tests use, for a server on the same rows.

    For tests marked `django_db(transaction=True)`: other processes see only what is committed.
    """
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    from urllib.parse import quote, urlencode

    host = settings["HOST"] or settings["OPTIONS"].get("host", "")
    parts = {"host": host, "port": settings["PORT"]}
    query = urlencode({name: value for name, value in parts.items() if value})
    login = ":".join(quote(settings[name], safe="") for name in ("USER", "PASSWORD"))
    return f"postgresql://{login}@/{settings['NAME']}?{query}"
