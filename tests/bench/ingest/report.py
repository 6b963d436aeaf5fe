"""The table."""

from collections import Counter
from statistics import median

from tests.bench import about, servers

from . import rivals

NAMES = {
    "product": "calltrack",
    "pgbench": "one raw row per transaction",
    "bare": "a Django view that reads the body, nothing else: one middleware",
    "startproject": "a Django view that reads the body, nothing else: startproject's middleware",
    "single": "calltrack's own writing, one transaction per request",
    "ordinary": "the same with Django's ORM, one transaction per request",
}
HEAD = (
    "| | a second | calltrack ÷ it | CPU µs each | server | its jobs | PostgreSQL | client"
    " | WAL bytes |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)


def markdown(options, found):
    """`found`: "postgres" and "sqlite" → what `measured` found."""
    parts = []
    if "postgres" in found:
        title = f"PostgreSQL that holds {options.calls:,} calls, {options.workers} workers"
        title += " (and the deliveries of the newest twentieth of the calls)"
        parts += [f"**Webhooks in: {title}**", table(found["postgres"])]
        parts += [latencies(found["postgres"])]
    if "sqlite" in found:
        parts += ["**Webhooks in: SQLite, 1 worker**", table(found["sqlite"])]
        parts += [latencies(found["sqlite"])]
    parts += [lost(found), about.machine(settings(options), options.command)]
    return "\n\n".join(filter(None, parts)) + "\n"


def table(found):
    """Medians of the rounds; ratios are of the product's rate to each line's in the same round."""
    lines = list(HEAD)
    product = found.get("product")
    for name in NAMES:
        if rounds := found.get(name):
            lines.append(line(name, rounds, product))
    return "\n".join(lines) if len(lines) > len(HEAD) else ""


def line(name, rounds, product):
    ratio = ""
    if product and name != "product":
        pairs = zip(product, rounds, strict=True)
        ratio = f"{median(ours.per_second / one.per_second for ours, one in pairs):.2f}"
    costs = [
        f"{median(sum(map(one.each, one.cpu)) for one in rounds):,.0f}",
        cost(rounds, "workers"),
        cost(rounds, "jobs"),
        cost(rounds, "PostgreSQL"),
        cost(rounds, "generator"),
    ]
    wal = median(one.wal / max(one.count, 1) for one in rounds)
    cells = [
        told(name),
        f"{median(one.per_second for one in rounds):,.0f}",
        ratio,
        *costs,
        f"{wal:,.0f}" if wal else "",
    ]
    return f"| {' | '.join(cells)} |"


def told(name):
    if name != "pgbench":
        return NAMES[name]
    return f"{NAMES[name]}, by {'pgbench' if rivals.pgbench() else 'a loop of psycopg'}"


def cost(rounds, name):
    if name not in rounds[0].cpu:
        return ""
    return f"{median(one.each(name) for one in rounds):,.0f}"


def latencies(found):
    lines = ["| | a second | p50 ms | p99 ms |", "| --- | ---: | ---: | ---: |"]
    for key, [one] in ((key, rounds) for key, rounds in found.items() if key[0] == "latency"):
        _, connections, rate = key
        name = f"evenly {rate:,} a second" if rate else f"{connections} connections"
        lines.append(f"| {name} | {one.per_second:,.0f} | {one.p50:.1f} | {one.p99:.1f} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def lost(found):
    """Rows against acknowledgements, of all runs of the product."""
    ours = [
        one
        for part in found.values()
        for key, rounds in part.items()
        if key == "product" or key[0] == "latency"
        for one in rounds
    ]
    if not ours:
        return ""
    acknowledged, rows = sum(one.count for one in ours), sum(one.rows for one in ours)
    missing = sum(max(one.count - one.rows, 0) for one in ours)
    trouble = Counter()
    for one in ours:
        trouble.update(one.trouble)
    told = f"Distinct deliveries acknowledged: {acknowledged:,}; rows: {rows:,}; lost: {missing:,}"
    if rows > acknowledged:
        told += (
            " (a run with fewer rows than acknowledgements ends the benchmark, as does one of the"
            " bundled generator with more; wrk has no answer to what it sends last)"
        )
    if trouble:
        told += f"; not acknowledged: {dict(trouble)}"
    return told + "."


def settings(options):
    rounds = "1 round" if options.rounds == 1 else f"{options.rounds} rounds"
    return (
        f"PostgreSQL with {servers.SETTINGS_TOLD}; {rounds} of"
        f" {options.seconds} s in turns, {options.connections} connections, medians;"
        f" {options.threads} threads a worker;"
        f" rounds driven by {options.generator}, latencies by the bundled generator"
    )
