"""Inserts of single rows where there is no pgbench: so many connections, each in a thread."""

import threading
from itertools import cycle
from time import perf_counter, process_time

import psycopg


def insert(url, statements, seconds, connections):
    """(rows, seconds, CPU seconds of this process)."""
    statements = [
        (text.replace("%", "%%").replace(":body", "%s::bytea"), body) for text, body in statements
    ]
    counts = [0] * connections
    start = threading.Barrier(connections + 1)

    def work(place):
        with psycopg.connect(url, autocommit=True, prepare_threshold=0) as connection:
            start.wait()
            turns = cycle(statements[place % len(statements) :] + statements)
            while perf_counter() < end:
                text, body = next(turns)
                connection.execute(text, [body])
                counts[place] += 1

    end = float("inf")
    threads = [threading.Thread(target=work, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    begun, used = perf_counter(), process_time()
    end = begun + seconds
    start.wait()
    for thread in threads:
        thread.join()
    return sum(counts), perf_counter() - begun, process_time() - used
