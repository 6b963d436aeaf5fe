"""How fast the server exports many calls, and how much memory it takes for it.

    DATABASE_URL=postgres://… python -m tests.bench.export [--calls 1000000] [--format csv]

Starts a server with one worker on the database, exports its newest calls back to the moment of
the one with that number, and compares the lines with the database's count. Memory is the worker's
resident set: after a short export that warms it up, and the most while the long one runs. Fails
when it grows by more than 150 MB or a line is missing.
"""

import argparse
import http.client
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")
django.setup()

from calls import api_keys  # noqa: E402 – needs settings
from calls.models import Call  # noqa: E402
from tests.server import running_server  # noqa: E402

MOST_GROWTH = 150  # MB
READ = 1 << 20  # bytes at once


def take(server, key, **parameters):
    """(lines, bytes, seconds to the first byte, seconds)."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    path = "/api/v1/calls/export?" + urlencode(parameters)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    response = connection.getresponse()
    if response.status != 200:
        sys.exit(f"{path}: {response.status} {response.read()[:500]}")
    lines = size = 0
    first, last = None, b""
    while piece := response.read(READ):
        first = first or time.perf_counter() - begun
        lines, size, last = lines + piece.count(b"\n"), size + len(piece), piece
    if lines and not last.endswith(b"\n"):
        sys.exit("the stream was cut")
    return lines, size, first, time.perf_counter() - begun


def memory(pid):
    """Of a process: resident now, and the most so far since `forget_most`, in MB."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(told[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))


def forget_most(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--format", choices=["ndjson", "csv"], default="ndjson")
    parser.add_argument("--masked", action="store_true", help="By a key that sees no numbers.")
    options = parser.parse_args()
    times = Call.objects.order_by("-begun_at", "-id").values_list("begun_at", flat=True)
    since = (times[options.calls - 1 : options.calls].first() or times.last()).isoformat()
    count = Call.objects.filter(begun_at__gte=since).count()
    scopes = ["calls:read", "export", *([] if options.masked else ["numbers:full"])]
    made, key = api_keys.create("bench of the export", scopes)
    try:
        with (
            tempfile.TemporaryDirectory() as data,
            running_server(data, database_url=os.environ["DATABASE_URL"], workers=1) as server,
        ):
            [worker] = server.workers()
            until = times[5_000:5_001].first().isoformat()
            take(server, key, format=options.format, begun_at__gte=until)
            forget_most(worker)
            before, _ = memory(worker)
            lines, size, first, took = take(server, key, format=options.format, begun_at__gte=since)
            after, most = memory(worker)
    finally:
        made.integration.delete()
    rows = lines - (options.format == "csv")
    print(
        f"{options.format}{', masked' if options.masked else ''}: {rows:,} calls, {count:,} counted"
    )
    print(f"{took:.1f} s, {rows / took:,.0f} a second, first byte after {first * 1000:.0f} ms")
    print(f"{size / 1e6:,.0f} MB, {size / max(rows, 1):,.0f} bytes each")
    print(f"worker: {before:.0f} MB before, {most:.0f} MB at most, {after:.0f} MB after")
    if rows != count:
        sys.exit("lines and rows differ")
    if most - before > MOST_GROWTH:
        sys.exit(f"more than {MOST_GROWTH} MB of growth")


if __name__ == "__main__":
    main()
