"""CPU time of processes with all their children, from /proc: it says what work costs on a machine
that is busy with other things, where a rate says little."""

import os
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


def seconds(*roots):
    """CPU seconds used by these processes and what descends from them, those that ended too."""
    processes = dict(filter(None, map(read, Path("/proc").glob("[0-9]*"))))
    wanted, grown = set(roots), True
    while grown:
        more = {pid for pid, (parent, _) in processes.items() if parent in wanted} - wanted
        wanted |= more
        grown = bool(more)
    return sum(processes[pid][1] for pid in wanted if pid in processes)


def read(path):
    """(process id, (its parent's, CPU seconds with those of children it has waited for))."""
    try:
        text = (path / "stat").read_text()
    except OSError:  # it has just ended
        return None
    fields = text.rpartition(")")[2].split()
    return int(path.name), (int(fields[1]), sum(map(int, fields[11:15])) * TICK)
