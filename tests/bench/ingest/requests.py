"""What is sent: distinct deliveries of whole call lives, as the bytes of HTTP requests."""

import random
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from webhooks.simulator.callerdesk import CALLERDESK
from webhooks.simulator.freeclimb import FREECLIMB, sign
from webhooks.simulator.plan import Plan
from webhooks.simulator.story import LONGEST, Request

# Calls of each provider under way at the same time: at 2,500 deliveries a second the events of one
# are 8 s apart then, and a FreeClimb life of seven takes a minute. The fewer there are, the more
# often two workers meet at the same one.
PARALLEL = 10_000
AGENTS = {FREECLIMB: "FreeClimb/1.0", CALLERDESK: "GuzzleHttp/7"}


@dataclass(frozen=True, slots=True)
class Coming:
    """A request that was not sent yet, and when the life it belongs to was told."""

    request: Request
    told_at: datetime


class Lives:
    """Requests of ever new lives, half of them of each provider, in the order in which they come
    when many calls are under way. Of the first ones the beginning was before our time."""

    def __init__(self, targets, freeclimb_account_id):
        """`targets`: provider → simulator's Target."""
        self.targets = targets
        seed = secrets.token_hex(8)
        self.random = random.Random(seed)
        self.plans = {name: Plan(seed, [name], freeclimb_account_id) for name in targets}
        self.lives = dict.fromkeys(targets, 0)
        self.requests = dict.fromkeys(targets, 0)
        self.coming = []
        self.active = {name: [self._life(name) for _ in range(PARALLEL)] for name in targets}
        for lives in self.active.values():
            for life in lives:
                del life[self.random.randrange(len(life)) + 1 :]

    def prepare(self, count):
        """The next so many requests. FreeClimb's are signed with times of the last minutes, which
        the server takes for five: they are sent soon or prepared again."""
        while len(self.coming) < count:
            provider = self.random.choice(list(self.active))
            place = self.random.randrange(PARALLEL)
            life = self.active[provider][place]
            self.coming.append(life.pop())
            if not life:
                self.active[provider][place] = self._life(provider)
        now = datetime.now(UTC)
        return [self._bytes(coming, now) for coming in self.coming[:count]]

    def sent(self, count):
        """The first of those prepared are not prepared again."""
        del self.coming[:count]

    def per_life(self):
        """provider → requests of a life, on average."""
        return {name: self.requests[name] / max(self.lives[name], 1) for name in self.lives}

    def _life(self, provider):
        """What comes of a new one, the last first; no two the same."""
        now = datetime.now(UTC)
        start = now - timedelta(seconds=LONGEST + self.random.uniform(10, 30))
        requests = self.plans[provider].life(self.lives[provider], start).requests
        different = {(one.at, one.query, one.body): Coming(one, now) for one in requests}
        self.lives[provider] += 1
        self.requests[provider] += len(different)
        return list(different.values())[::-1]

    def _bytes(self, coming, now):
        request = coming.request
        target = self.targets[request.provider]
        path = f"{target.path}?{request.query}" if request.query else target.path
        headers = {"Host": "127.0.0.1", "User-Agent": AGENTS[request.provider]} | request.headers
        if request.method == "POST":
            headers["Content-Length"] = str(len(request.body))
        if request.content_type:
            headers["Content-Type"] = request.content_type
        if target.secret:
            # As long after its event as if the life had gone on until now.
            moment = int((request.at + (now - coming.told_at)).timestamp())
            headers["FreeClimb-Signature"] = sign(target.secret, moment, request.body)
        lines = [f"{request.method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + request.body
