"""What is sent: distinct deliveries of whole call lives, as the bytes of HTTP requests."""

import random
import secrets
from datetime import UTC, datetime, timedelta

from webhooks.simulator.callerdesk import CALLERDESK
from webhooks.simulator.freeclimb import FREECLIMB, sign
from webhooks.simulator.plan import Plan
from webhooks.simulator.story import LONGEST

PARALLEL = 2_000  # calls under way at the same time
AGENTS = {FREECLIMB: "FreeClimb/1.0", CALLERDESK: "GuzzleHttp/7"}


class Lives:
    """Requests of ever new lives, half of them of each provider, in the order in which they come
    when many calls are under way. FreeClimb's are signed with times of the last minutes, which the
    server takes for five: what is prepared is sent soon or never."""

    def __init__(self, targets, freeclimb_account_id, parallel=PARALLEL):
        """`targets`: provider → simulator's Target."""
        self.targets, self.parallel = targets, parallel
        seed = secrets.token_hex(8)
        self.random = random.Random(seed)
        self.plans = {name: Plan(seed, [name], freeclimb_account_id) for name in targets}
        self.lives = dict.fromkeys(targets, 0)
        self.requests = dict.fromkeys(targets, 0)

    def prepare(self, count, host="127.0.0.1"):
        """About so many requests (a life is told to its end), no two the same."""
        now = datetime.now(UTC)
        active, prepared = [], {}
        parallel = min(self.parallel, max(1, count // 20))
        told = 0
        while active or told < count:
            while len(active) < parallel and told < count:
                life = self._life(now)
                told += len(life)
                active.append(iter(life))
            place = self.random.randrange(len(active))
            request = next(active[place], None)
            if request is None:
                active[place] = active[-1]
                active.pop()
            else:
                prepared[self._bytes(request, host)] = None
        return list(prepared)

    def told(self):
        """provider → requests of a life, on average."""
        return {name: self.requests[name] / max(self.lives[name], 1) for name in self.lives}

    def _life(self, now):
        provider = min(self.requests, key=self.requests.get)
        start = now - timedelta(seconds=LONGEST + self.random.uniform(10, 30))
        requests = self.plans[provider].life(self.lives[provider], start).requests
        self.lives[provider] += 1
        self.requests[provider] += len(requests)
        return requests

    def _bytes(self, request, host):
        target = self.targets[request.provider]
        path = f"{target.path}?{request.query}" if request.query else target.path
        headers = {"Host": host, "User-Agent": AGENTS[request.provider], **request.headers}
        if request.method == "POST":
            headers["Content-Length"] = str(len(request.body))
        if request.content_type:
            headers["Content-Type"] = request.content_type
        if target.secret:
            moment = int(request.at.timestamp())
            headers["FreeClimb-Signature"] = sign(target.secret, moment, request.body)
        lines = [f"{request.method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + request.body
