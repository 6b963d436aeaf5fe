"""How fast the server exports many calls, and how much memory it takes for it.

A server with one worker streams the newest calls as NDJSON and as CSV, to a key that sees numbers
and to one that does not. Memory is the worker's resident set: after a short export that warms it
up, and the most while the long one runs. A line less or more than there are calls ends it.
"""

import http.client
import json
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from tests.bench import about, cpu, servers

READ = 1 << 20  # bytes at once
WARM = 5_000  # calls
ROUNDS = [(format, masked) for masked in (False, True) for format in ("ndjson", "csv")]
HEAD = (
    "| | calls a second | MB a second | bytes a call | first byte after | CPU µs per call: server"
    " | PostgreSQL | memory before | grown by |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)


def arguments(parser):
    parser.add_argument("--calls", type=servers.number(WARM + 1), default=1_000_000)
    servers.keeping(parser)


def run(options) -> str:
    with servers.own_postgres(options.keep) as own:
        original = servers.filled(own, options.calls)
        with servers.copy(own, original) as url:
            servers.manage(url, "migrate", "--verbosity", "0")
            servers.execute(url, "VACUUM ANALYZE")
            with servers.running_up(url, workers=1, threads=8) as server:
                lines = [measured(server, url, *round_) for round_ in ROUNDS]
    title = f"**Export of {options.calls:,} calls: PostgreSQL, 1 worker**"
    machine = about.machine(servers.SETTINGS_TOLD, options.command)
    return "\n\n".join([title, "\n".join([*HEAD, *lines]), machine]) + "\n"


@dataclass
class Taken:
    lines: int
    size: int
    first: float  # seconds to the first byte
    took: float


def measured(server, url, format, masked):
    """A line of the table. Raises RuntimeError where lines and calls differ."""
    [worker] = server.workers()
    name = f"{format}, {'masked' if masked else 'with numbers'}"
    key = made_key(url, name, masked)
    [[until, count]] = servers.query(
        url,
        "SELECT (SELECT begun_at FROM calls_call ORDER BY begun_at DESC OFFSET %s LIMIT 1),"
        " (SELECT count(*) FROM calls_call)",
        WARM,
    )
    take(server, key, format=format, begun_at__gte=until.isoformat())
    Path(f"/proc/{worker}/clear_refs").write_text("5")  # the most so far is what is held now
    before, used = memory(worker, "VmRSS"), costs(worker, url)
    taken = take(server, key, format=format)
    grown = memory(worker, "VmHWM") - before
    of_server, of_postgres = (
        now - then for now, then in zip(costs(worker, url), used, strict=True)
    )
    rows = taken.lines - (format == "csv")
    if rows != count:
        raise RuntimeError(f"{rows:,} calls came of {count:,}")
    servers.say(f"{name}: {rows / taken.took:,.0f} a second, grown by {grown:,.0f} MB")
    cells = [
        name,
        f"{rows / taken.took:,.0f}",
        f"{taken.size / taken.took / 1e6:,.1f}",
        f"{taken.size / rows:,.0f}",
        f"{taken.first * 1000:,.0f} ms",
        f"{of_server / rows * 1e6:,.0f}",
        f"{of_postgres / rows * 1e6:,.0f}",
        f"{before:,.0f} MB",
        f"{grown:,.0f} MB",
    ]
    return f"| {' | '.join(cells)} |"


def made_key(url, name, masked):
    scopes = ["calls:read", "export", *([] if masked else ["numbers:full"])]
    told = servers.manage(url, "create_api_key", "--name", name, "--scopes", *scopes)
    return json.loads(told)["key"]


def take(server, key, **parameters):
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    path = "/api/v1/calls/export?" + urlencode(parameters)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {response.read()[:500]}")
    lines = size = 0
    first, last = None, b""
    while piece := response.read(READ):
        first = first or time.perf_counter() - begun
        lines, size, last = lines + piece.count(b"\n"), size + len(piece), piece
    connection.close()
    if lines and not last.endswith(b"\n"):
        raise RuntimeError("the stream was cut")
    return Taken(lines, size, first or 0.0, time.perf_counter() - begun)


def costs(worker, url):
    """CPU seconds so far of the worker, and of PostgreSQL with all its processes."""
    with psycopg.connect(url) as connection:
        _, (postmaster, _) = cpu.read(Path(f"/proc/{connection.info.backend_pid}"))
        return cpu.seconds(worker), cpu.seconds(postmaster)


def memory(pid, name):
    """In MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    return int(told[name].split()[0]) / 1024
