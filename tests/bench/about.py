"""What a benchmark ran on: a line below its table, without which its figures say nothing."""

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import django

from tests.postgres import NoPostgres, binaries


def machine(settings: str, command: str, postgres: str = "") -> str:
    """One line of Markdown: processor, cores, memory, versions, date, the database's settings, and
    the command that made the table. `postgres`: its version, where it is not the one found here."""
    parts = [
        f"{processor()}, {len(os.sched_getaffinity(0))} cores, {memory()}",
        f"Python {platform.python_version()}",
        f"Django {django.__version__}",
        f"PostgreSQL {postgres or postgres_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        f"{datetime.now(UTC):%Y-%m-%d}",
    ]
    return "; ".join([*parts, settings, f"`{command}`"]) + "."


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return " ".join(names[0].split()) if names else platform.machine()


def memory() -> str:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 2**30:.0f} GiB"


def postgres_version() -> str:
    try:
        command = [binaries() / "postgres", "--version"]
    except NoPostgres:
        return "none"
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.split()[2]
