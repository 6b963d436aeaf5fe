"""Where PostgreSQL's time goes, by pg_stat_statements: for whoever makes it faster."""

from tests.bench import servers

SETTING = "shared_preload_libraries=pg_stat_statements"
SHOWN = 25
WIDTH = 110  # of a statement's text


def begin(url):
    servers.execute(url, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    servers.execute(url, "SELECT pg_stat_statements_reset()")


def told(url, deliveries):
    """The most expensive statements since then, per delivery: time that passed, waiting included;
    WAL bytes, whole pages in it; pages that were not in shared_buffers."""
    rows = servers.query(
        url,
        "SELECT calls, rows, total_exec_time, wal_bytes, wal_fpi, shared_blks_read, query"
        " FROM pg_stat_statements"
        " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " ORDER BY total_exec_time DESC LIMIT %s",
        SHOWN,
    )
    lines = ["   µs each    calls     rows  WAL each  pages   read  statement"]
    for calls, count, milliseconds, *parts, query in rows:
        each = milliseconds * 1e3 / max(deliveries, 1)
        text = " ".join(query.split())[:WIDTH]
        wal, *pages = (float(part) / max(deliveries, 1) for part in parts)
        told = " ".join(f"{part:6.2f}" for part in pages)
        lines.append(f"{each:10,.1f} {calls:8,} {count:8,} {wal:9,.0f} {told}  {text}")
    return "\n".join(lines)
