"""The load: sends prepared requests over kept connections and counts every answer.

A process of its own that imports nothing of ours. It prints one line of JSON: see `Run.told`.

    python generator.py FILE PORT --connections 64 --seconds 10 [--rate 500]

Without a rate each connection sends its next request as soon as it has its answer. With one,
requests are due at even times whatever the server does, and a latency counts from then: a server
that stalls does not slow down whoever measures it.
"""

import argparse
import gc
import json
import re
import resource
import select
import socket
import struct
from array import array
from collections import Counter, deque
from itertools import cycle
from time import perf_counter

LENGTH = struct.Struct(">I")  # of the request that follows it in the file
BODY = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
SILENCE = 15.0  # seconds without any answer, after which those still open are given up


def read_requests(path):
    """The requests of a file that `write_requests` has written."""
    with open(path, "rb") as file:
        content = memoryview(file.read())
    place, requests = 0, []
    while place < len(content):
        (length,) = LENGTH.unpack_from(content, place)
        place += LENGTH.size + length
        requests.append(content[place - length : place])
    return requests


def write_requests(path, requests):
    with open(path, "wb") as file:
        for request in requests:
            file.write(LENGTH.pack(len(request)))
            file.write(request)


class Run:
    def __init__(self, requests, port, connections):
        self.requests = requests
        self.epoll = select.epoll()
        self.sockets = {}
        for _ in range(connections):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setblocking(False)
            self.sockets[connection.fileno()] = connection
            self.epoll.register(connection.fileno(), select.EPOLLIN)
        self.since = {}  # connection → from when the latency of its request counts
        self.begun = {}  # connection → what has come of an answer that is not complete
        self.answers = Counter()  # HTTP status, or what went wrong instead → how often
        self.latencies = array("d")
        self.late = 0.0  # seconds by which a request left after it was due, at most

    def send(self, fd, due):
        """The next request, if there is one."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.since[fd] = due
        if self.sockets[fd].send(request) != len(request):
            raise SystemExit("a request does not fit into the socket's buffer")
        return True

    def take(self, fd):
        """Whether the answer of a connection is complete; it is counted then."""
        try:
            data = self.sockets[fd].recv(65_536)
        except OSError as error:
            return self.lose(fd, type(error).__name__)
        if not data:
            return self.lose(fd, "closed")
        if fd in self.begun:
            data = self.begun.pop(fd) + data
        head = data.find(b"\r\n\r\n")
        length = BODY.search(data, 0, head) if head > 0 else None
        if length is None or len(data) < head + 4 + int(length[1]):
            self.begun[fd] = data
            return False
        self.latencies.append(perf_counter() - self.since.pop(fd))
        self.answers[data[9:12]] += 1
        return True

    def lose(self, fd, why):
        """A connection that failed is not used again; the request on it got no answer."""
        self.epoll.unregister(fd)
        self.sockets.pop(fd).close()
        if self.since.pop(fd, None) is not None:
            self.answers[why.encode()] += 1
        return False

    def as_fast_as_answered(self, seconds):
        end = perf_counter() + seconds
        for fd in self.sockets:
            self.send(fd, perf_counter())
        while self.since:
            ready = self.epoll.poll(SILENCE)
            if not ready:
                return
            for fd, _ in ready:
                if self.take(fd):
                    now = perf_counter()
                    if now < end:
                        self.send(fd, now)

    def at_rate(self, rate, seconds):
        begin, sent, total = perf_counter(), 0, int(rate * seconds)
        idle = deque(self.sockets)
        heard = begin
        while self.since or sent < total:
            due = begin + sent / rate
            now = perf_counter()
            while sent < total and now >= due and idle:
                fd = idle.pop()
                if fd not in self.sockets:  # the server closed what was idle for long
                    continue
                if not self.send(fd, due):
                    total = sent
                    break
                self.late = max(self.late, now - due)
                sent += 1
                due = begin + sent / rate
            wait = max(0.0, due - perf_counter()) if sent < total and idle else SILENCE
            # epoll counts in milliseconds; select, asked for epoll itself, in microseconds.
            if not select.select([self.epoll], [], [], wait)[0]:
                if wait == SILENCE and perf_counter() - heard >= SILENCE:
                    return
                continue
            heard = perf_counter()
            idle.extend(fd for fd, _ in self.epoll.poll(0) if self.take(fd))

    def told(self, seconds):
        """Seconds from the first request to the last answer, answers by status, requests without
        an answer, latencies in ms, CPU seconds of this process."""
        latencies = sorted(self.latencies)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "seconds": seconds,
            "answers": {name.decode(): count for name, count in self.answers.items()},
            "unanswered": len(self.since),
            "p50": at_share(latencies, 0.5),
            "p99": at_share(latencies, 0.99),
            "most": at_share(latencies, 1),
            "late": self.late * 1000,
            "cpu": usage.ru_utime + usage.ru_stime,
        }


def at_share(ordered, share):
    """A percentile in ms, None of nothing."""
    if not ordered:
        return None
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--again", action="store_true", help="From the start when all were sent.")
    options = parser.parse_args()
    requests = read_requests(options.file)
    requests = cycle(requests) if options.again else iter(requests)
    run = Run(requests, options.port, options.connections)
    gc.collect()
    gc.disable()  # nothing here is garbage in cycles
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = perf_counter()
    if options.rate:
        run.at_rate(options.rate, options.seconds)
    else:
        run.as_fast_as_answered(options.seconds)
    told = run.told(perf_counter() - begun)
    told["cpu"] -= before.ru_utime + before.ru_stime  # reading the file is no part of it
    print(json.dumps(told))


if __name__ == "__main__":
    main()
