"""How webhooks travel: some twice, some out of order, some never."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from .story import Life, Request


@dataclass(slots=True)
class Traffic:
    """Makes bundles of requests from lives. The requests of a bundle are sent one after the other,
    bundles side by side: so a life keeps its order unless `reorder` takes it apart."""

    rng: random.Random
    duplicates: float = 0.0  # share of requests that are sent once more
    drop: float = 0.0  # share of requests that never come
    reorder: bool = False
    window: int = 48  # lives whose requests are mixed with each other
    duplicated: int = 0
    dropped: int = 0

    def bundles(self, lives: Iterable[Life]) -> Iterator[tuple[list[Request], int]]:
        """(requests, how many lives end with them)."""
        if not self.reorder:
            for life in lives:
                yield self._travel(life.requests), 1
            return
        lives = iter(lives)
        while window := list(islice(lives, self.window)):
            requests = [r for life in window for r in self._travel(life.requests)]
            self.rng.shuffle(requests)
            yield from (([request], 0) for request in requests[:-1])
            yield requests[-1:], len(window)

    def _travel(self, requests: list[Request]) -> list[Request]:
        sent: list[Request] = []
        for request in requests:
            if self.rng.random() < self.drop:
                self.dropped += 1
            else:
                sent.append(request)
        repeats = []
        for place, request in enumerate(sent):
            if self.rng.random() < self.duplicates:
                other = request.variant if self.rng.random() < 0.5 else None
                repeats.append((self.rng.randint(place + 1, len(sent)), other or request))
        self.duplicated += len(repeats)
        for place, request in sorted(repeats, key=lambda repeat: repeat[0], reverse=True):
            sent.insert(place, request)
        return sent
