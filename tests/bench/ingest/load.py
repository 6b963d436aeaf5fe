"""One run of the load, and what it cost whom."""

import json
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
    rows: int | None = None
    trouble: dict[str, int] = field(default_factory=dict)  # answers other than 200

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
        """(CPU seconds by name, bytes of WAL)."""
        used = self._cpu()
        return {name: used[name] - self.before[name] for name in used}, self._wal() - self.wal

    def _cpu(self):
        return {name: cpu.seconds(*pids) for name, pids in self.processes.items()}

    def _wal(self):
        if not self.url:
            return 0
        return int(servers.query(self.url, "SELECT pg_current_wal_insert_lsn() - '0/0'")[0][0])


def postmaster(url):
    [[path]] = servers.query(url, "SHOW data_directory")
    return int((Path(path) / "postmaster.pid").read_text().split()[0])


def drive(requests, port, *, seconds, connections, rate=0, again=False, watch=None):
    """Send prepared requests from a process of its own; a Measured."""
    with tempfile.NamedTemporaryFile(prefix="bench-requests-") as file:
        generator.write_requests(file.name, requests)
        command = [sys.executable, generator.__file__, file.name, str(port)]
        command += [f"--connections={connections}", f"--seconds={seconds}", f"--rate={rate}"]
        command += ["--again"] if again else []
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout)
    used, wal = watch.stop() if watch else ({}, 0)
    trouble = {name: count for name, count in told["answers"].items() if name != "200"}
    if told["unanswered"]:
        trouble["unanswered"] = told["unanswered"]
    return Measured(
        told["acknowledged"],
        told["seconds"],
        used | {"generator": told["cpu"]},
        told["p50"],
        told["p99"],
        wal,
        trouble=trouble,
    )


def tell(name, one):
    """A line of progress."""
    costs = ", ".join(f"{part} {one.each(part):,.0f}" for part in one.cpu)
    line = f"{name}: {one.per_second:,.0f}/s, CPU µs each: {costs}"
    if one.p50 is not None:
        line += f"; p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms"
    if one.wal:
        line += f"; WAL {one.wal / max(one.count, 1):,.0f} bytes each"
    if one.rows is not None:
        line += f"; {one.count:,} acknowledged, {one.rows:,} rows"
    if one.trouble:
        line += f"; NOT WELL: {one.trouble}"
    servers.say(line)
