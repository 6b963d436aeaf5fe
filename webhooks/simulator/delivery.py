"""Sends webhooks over HTTP: several connections at once, kept open, what fails tried again."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from .freeclimb import FREECLIMB, sign
from .story import Request

TRIES = 6
TIMEOUT = 15.0  # seconds; the server itself gives up before
LONGEST_PAUSE = 10.0  # seconds between two tries, whatever Retry-After says


@dataclass(frozen=True, slots=True)
class Target:
    """Where a provider's webhooks go. `secret`: FreeClimb's signing secret, None: unsigned."""

    path: str
    secret: str | None = None


@dataclass(slots=True)
class Outcome:
    sent: int = 0
    retried: int = 0
    answers: Counter = field(default_factory=Counter)  # last answer of each: HTTP status, or error
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)  # seconds that each answered request took

    @property
    def refused(self) -> int:
        return sum(count for status, count in self.answers.items() if status != 200)


class Line:
    """A connection to the server, opened when needed and kept."""

    def __init__(self, url: str, timeout: float = TIMEOUT):
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)

    def ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        """The answer and its body. Raises OSError or HTTPException."""
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return answer, answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()


class Rate:
    """Lets so many pass in a second, evenly; 0 lets all pass."""

    def __init__(self, per_second: float):
        self._gap = 1 / per_second if per_second else 0.0
        self._lock = threading.Lock()
        self._next = time.monotonic()

    def wait(self, stop: threading.Event) -> None:
        if not self._gap:
            return
        with self._lock:
            turn = self._next = max(self._next + self._gap, time.monotonic())
        stop.wait(max(0.0, turn - time.monotonic()))


class Sender:
    def __init__(
        self, url: str, targets: dict[str, Target], *, concurrency: int = 32, rate: float = 0
    ):
        self.url = url
        self.targets = targets
        # Few, where they would have to wait for each other until signatures are old.
        self.concurrency = min(concurrency, max(1, int(rate * 4))) if rate else concurrency
        self.rate = Rate(rate)
        self.stop = threading.Event()
        self.outcome = Outcome()
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._error: Exception | None = None

    def send(
        self, bundles: Iterable[tuple[list[Request], int]], arrived: Callable[[int], None]
    ) -> Outcome:
        """Send all; `arrived` is told how many lives are through. Ctrl-C ends it after what is
        under way."""
        turns = iter(bundles)
        threads = [
            threading.Thread(target=self._work, args=(turns, arrived), daemon=True)
            for _ in range(self.concurrency)
        ]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.5)  # awake now and then, to hear of Ctrl-C
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()
            self.outcome.seconds = time.monotonic() - begun
        if self._error:
            raise self._error
        return self.outcome

    def _work(
        self, bundles: Iterator[tuple[list[Request], int]], arrived: Callable[[int], None]
    ) -> None:
        line = Line(self.url)
        while not self.stop.is_set():
            try:
                with self._turn:  # a life is told when its turn has come: its times are fresh
                    requests, lives = next(bundles)
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001 raised where somebody sees it
                self._error = error
                self.stop.set()
                break
            for request in requests:
                self.rate.wait(self.stop)
                if not self.stop.is_set():
                    self._deliver(line, request)
            with self._lock:
                arrived(lives)
        line.close()

    def _deliver(self, line: Line, request: Request) -> None:
        """Until it was answered with anything but "later", or often enough."""
        target = self.targets[request.provider]
        headers = dict(request.headers)
        if request.content_type:
            headers["Content-Type"] = request.content_type
        if request.provider == FREECLIMB and target.secret:
            moment = int(request.at.timestamp())
            headers["FreeClimb-Signature"] = sign(target.secret, moment, request.body)
        path = f"{target.path}?{request.query}" if request.query else target.path
        body = request.body if request.method == "POST" else None
        told, tries, took = "", 0, None
        while tries < TRIES and not (tries and self.stop.is_set()):
            tries += 1
            begun = time.monotonic()
            pause = min(0.1 * 2**tries, LONGEST_PAUSE)
            try:
                answer, _ = line.ask(request.method, path, body, headers)
            except (OSError, HTTPException) as error:
                told = type(error).__name__
            else:
                told, took = answer.status, time.monotonic() - begun
                if answer.status < 500 and answer.status != 429:
                    break
                after = answer.getheader("Retry-After", "")
                if after.isdigit():
                    pause = min(float(after), LONGEST_PAUSE)
            if tries < TRIES:
                self.stop.wait(pause)
        with self._lock:
            self.outcome.sent += 1
            self.outcome.retried += tries - 1
            self.outcome.answers[told] += 1
            if took is not None:
                self.outcome.waits.append(took)
