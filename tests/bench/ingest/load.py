"""One run of the load, and what it cost whom."""

import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import cpu, servers
from tests.bench.programs import generator


@dataclass
class Measured:
    """What a run found. CPU in seconds by process, `rows`: new deliveries in the database, None
    where nothing is stored."""

    count: int
    seconds: float
    cpu: dict[str, float]
    p50: float | None = None  # ms
    p99: float | None = None
    wal: int = 0  # bytes
    images: int = 0  # pages in it, whole: of each the first change after a checkpoint
    rows: int | None = None
    trouble: dict[str, int] = field(default_factory=dict)  # answers other than 200
    sent: int = 0  # requests, at most; the first of those prepared

    @property
    def per_second(self):
        return self.count / self.seconds

    def each(self, name):
        """CPU µs of a delivery."""
        return self.cpu.get(name, 0.0) / max(self.count, 1) * 1e6


class Watch:
    """CPU time and WAL from its making to `stop`. `processes`: name → ids of processes, each
    counted with its children. `url`: of a PostgreSQL, whose processes are counted too."""

    def __init__(self, processes, url=""):
        self.url, self.processes = url, dict(processes)
        if url:
            self.processes["PostgreSQL"] = [postmaster(url)]
        self.wal = self._wal()
        self.before = self._cpu()

    def stop(self):
        """(CPU seconds by name, bytes of WAL, whole pages in it)."""
        used = self._cpu()
        wal = [now - before for now, before in zip(self._wal(), self.wal, strict=True)]
        return {name: used[name] - self.before[name] for name in used}, *wal

    def _cpu(self):
        return {name: cpu.seconds(*pids) for name, pids in self.processes.items()}

    def _wal(self):
        if not self.url:
            return 0, 0
        statement = "SELECT pg_current_wal_insert_lsn() - '0/0', wal_fpi FROM pg_stat_wal"
        return tuple(map(int, servers.query(self.url, statement)[0]))


def postmaster(url):
    [[path]] = servers.query(url, "SHOW data_directory")
    return int((Path(path) / "postmaster.pid").read_text().split()[0])


def drive(requests, port, *, seconds, connections, rate=0, again=False, watch=None, wrk=False):
    """Send prepared requests from a process of its own; a Measured. wrk costs less for each, but
    does not wait for the last answers, and knows no rate. `again`: from the start when all were
    sent."""
    with tempfile.NamedTemporaryFile(prefix="bench-requests-") as file:
        generator.write_requests(file.name, requests)
        before = children_seconds()
        if wrk:
            told = by_wrk(file.name, port, seconds, connections, again)
        else:
            told = by_ours(file.name, port, seconds, connections, rate, again)
    used = children_seconds() - before
    parts, *wal = watch.stop() if watch else ({}, 0, 0)
    return Measured(
        told["answers"].pop("200", 0),
        told["seconds"],
        # Reading the file before the clock starts is no part of it.
        parts | {"generator": told.get("cpu", used)},
        told["p50"],
        told["p99"],
        *wal,
        trouble={name: count for name, count in told["answers"].items() if count},
        sent=told["sent"],
    )


def by_ours(path, port, seconds, connections, rate, again):
    command = [sys.executable, generator.__file__, path, str(port)]
    command += [f"--connections={connections}", f"--seconds={seconds}", f"--rate={rate}"]
    command += ["--again"] if again else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout)
    told["answers"]["none"] = told["unanswered"]
    told["sent"] = sum(told["answers"].values())
    return told


def by_wrk(path, port, seconds, connections, again):
    script = Path(generator.__file__).with_name("requests.lua")
    command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s"]
    # After which it counts a request as failed and goes on.
    command += [f"--timeout={generator.SILENCE:.0f}s"]
    command += [f"--script={script}", f"http://127.0.0.1:{port}", "--", path]
    command += ["again"] if again else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    told["answers"] = {
        "200": told["answered"] - told["refused"],
        "not 2xx": told["refused"],
        "none": told["unanswered"],
        "out of requests": told["used_up"],
    }
    told["sent"] = told["answered"] + told["unanswered"] + connections + 1  # it tries the first
    return told


def children_seconds():
    """CPU of the processes that we have started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def tell(name, one):
    """A line of progress."""
    costs = ", ".join(f"{part} {one.each(part):,.0f}" for part in one.cpu)
    line = f"{name}: {one.per_second:,.0f}/s, CPU µs each: {costs}"
    if one.p50 is not None:
        line += f"; p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms"
    if one.wal:
        bytes_, images = (part / max(one.count, 1) for part in (one.wal, one.images))
        line += f"; WAL {bytes_:,.0f} bytes each with {images:.1f} whole pages"
    if one.rows is not None:
        line += f"; {one.count:,} acknowledged, {one.rows:,} rows"
    if one.trouble:
        line += f"; NOT WELL: {one.trouble}"
    servers.say(line)
