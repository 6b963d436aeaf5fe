"""One run of the simulator: where to, what, how it went, and whether the server understood."""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from ipaddress import ip_address
from urllib.parse import urlsplit

from calls import api_keys
from calls.models import Call
from webhooks import endpoints
from webhooks.models import Endpoint

from . import accounts, past
from .api import Api, ApiError
from .delivery import Line, Outcome, Sender, Target
from .freeclimb import FREECLIMB
from .plan import PROVIDERS, Plan
from .traffic import Traffic
from .truth import Truth
from .verify import Score, verify

_PATH = re.compile(r"/webhooks/(freeclimb|callerdesk)/[^/?#]+/?$")
_PER_LIFE = 8  # requests of a life, about
_FRESH = 40  # seconds in which a window of lives must be sent, lest its signatures grow old


class CannotPlay(Exception):
    """Said to the user in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command's options, by their names there."""

    calls: int = 200
    seed: str = "0"
    days: int = 0
    url: str = "http://127.0.0.1:8000"
    allow_remote: bool = False
    endpoint: tuple[str, ...] | list[str] = ()
    freeclimb_account: str = ""
    freeclimb_secret: str = ""
    rate: float = 0
    concurrency: int = 32
    duplicates: float = 0
    drop: float = 0
    reorder: bool = False
    verify: bool = False
    api_key: str = ""


class Run:
    def __init__(self, options: Options):
        self.options = options
        self.url = options.url.rstrip("/")
        self.targets: dict[str, Target] = {}
        self.endpoints: dict[str, Endpoint | None] = {}  # None: not in this database
        self.truth = Truth()
        self.outcome = Outcome()
        self._key = None
        self._own: list[accounts.Own] = []

    def prepare(self) -> None:
        """Find out where to. Raises CannotPlay before anything was sent."""
        options = self.options
        for name in ("duplicates", "drop"):
            if not 0 <= getattr(options, name) <= 1:
                raise CannotPlay(f"--{name} is a share from 0 to 1")
        if options.calls < 1 or options.concurrency < 1 or options.days < 0 or options.rate < 0:
            raise CannotPlay("--calls and --concurrency begin at 1, --days and --rate at 0")
        if options.endpoint:
            self._use_given()
        elif options.freeclimb_account or options.freeclimb_secret:
            raise CannotPlay("--freeclimb-account and --freeclimb-secret go with --endpoint")
        if not options.days or options.verify:
            self._look_for_server()
        if not options.endpoint:
            self._use_own()
        self.plan = Plan(options.seed, list(self.targets), self._freeclimb_account())
        self._refuse_repetition()
        if options.verify and not options.api_key:
            self._key, self._key_text = api_keys.create("simulator, while it verifies")
        self.traffic = Traffic(
            random.Random(f"{options.seed}/traffic"),
            duplicates=options.duplicates,
            drop=options.drop,
            reorder=options.reorder,
        )
        if options.rate:
            self.traffic.window = max(
                2, min(self.traffic.window, int(options.rate * _FRESH / _PER_LIFE))
            )

    def _use_given(self) -> None:
        for given in self.options.endpoint:
            parts = urlsplit(given)
            found = _PATH.search(parts.path)
            if not found:
                raise CannotPlay(
                    f"{given} is no webhook's path, such as /webhooks/freeclimb/<token>/"
                )
            provider = found[1]
            if provider in self.targets:
                raise CannotPlay(f"one --endpoint of {provider} is enough")
            if parts.netloc:
                self.url = f"{parts.scheme}://{parts.netloc}"
            token = found[0].rstrip("/").rpartition("/")[2]
            endpoint = self.endpoints[provider] = endpoints.by_token(provider, token)
            secret = self.options.freeclimb_secret if provider == FREECLIMB else ""
            if endpoint and not secret:
                secret = next(iter(endpoints.signing_secrets(endpoint)), "")
            self.targets[provider] = Target(parts.path, secret or None)
        if self.options.days and not all(self.endpoints.values()):
            raise CannotPlay("--days writes to this database, which does not hold that endpoint")

    def _freeclimb_account(self) -> str:
        """The account id that is told: as given, as the endpoint expects it, or our own."""
        endpoint = self.endpoints.get(FREECLIMB)
        expected = endpoint.account.provider_account_id if endpoint else ""
        return self.options.freeclimb_account or expected or accounts.ACCOUNT_IDS[FREECLIMB]

    def _use_own(self) -> None:
        for provider in PROVIDERS:
            own = accounts.own(provider)
            self._own.append(own)
            self.targets[provider], self.endpoints[provider] = own.target, own.endpoint

    def _look_for_server(self) -> None:
        host = urlsplit(self.url).hostname or ""
        if not self.options.allow_remote and not _is_loopback(host):
            raise CannotPlay(f"{host or self.url} is not this machine: add --allow-remote if meant")
        line = Line(self.url)
        try:
            line.ask("GET", f"{urlsplit(self.url).path}/healthz", None, {})
        except (OSError, HTTPException) as error:
            raise CannotPlay(f"nothing answers at {self.url}: start it with `up`") from error
        finally:
            line.close()

    def _refuse_repetition(self) -> None:
        """The same ids again at another time: the earlier start would stand, and be no truth."""
        first = [self.plan.life(number, datetime.now(UTC)) for number in range(2)]
        ids = [call.provider_call_id for life in first for call in life.truth.calls]
        known = [endpoint.account for endpoint in self.endpoints.values() if endpoint]
        if Call.objects.filter(account__in=known, provider_call_id__in=ids).exists():
            raise CannotPlay(
                f"--seed {self.options.seed} was played here before: take another, or --remove"
            )

    def play(self, arrived) -> None:
        """Send everything; `arrived` is told how many lives are through."""
        options, numbers = self.options, range(self.options.calls)
        if options.days:
            lives = self.plan.past(numbers, options.days, datetime.now(UTC))
            bundles = self.traffic.bundles(self._remembering(lives))
            sent = past.hand_in(bundles, self.endpoints, arrived)
            self.outcome.sent, self.outcome.answers[200] = sent, sent
            return
        lives = self.plan.live(numbers, lambda: datetime.now(UTC))
        bundles = self.traffic.bundles(self._remembering(lives))
        sender = Sender(self.url, self.targets, concurrency=options.concurrency, rate=options.rate)
        self.outcome = sender.outcome
        sender.send(bundles, arrived)

    def _remembering(self, lives):
        for life in lives:
            self.truth.add(life.truth)
            yield life

    @property
    def refused(self) -> int:
        return self.outcome.refused

    def answers(self) -> str:
        return ", ".join(f"{told}: {count:,}" for told, count in self.outcome.answers.items())

    def summary(self) -> str:
        outcome, traffic = self.outcome, self.traffic
        parts = [
            f"{outcome.sent:,} requests about {len(self.truth.calls):,} calls",
            f"{traffic.duplicated:,} of them sent twice",
            f"{traffic.dropped:,} left out",
        ]
        if outcome.waits:
            waits = sorted(outcome.waits)
            slow = waits[int(len(waits) * 0.99)] * 1000
            parts += [
                f"{outcome.retried:,} tried again",
                f"{outcome.seconds:.1f} s, {outcome.sent / outcome.seconds:,.0f} per second",
                f"median {waits[len(waits) // 2] * 1000:.0f} ms, 99 % within {slow:.0f} ms",
            ]
        return "; ".join(parts)

    def verify(self) -> Score:
        """Raises CannotPlay where the API cannot be read."""
        played = {
            provider: str(endpoint.account_id) if endpoint else None
            for provider, endpoint in self.endpoints.items()
        }
        api = Api(self.url, self.options.api_key or self._key_text)
        try:
            return verify(api, self.truth, played)
        except ApiError as error:
            raise CannotPlay(str(error)) from error
        finally:
            api.close()

    def close(self) -> None:
        """Nothing that was made for the moment outlasts it."""
        if self._key is not None:
            self._key.integration.delete()
            self._key = None
        while self._own:
            self._own.pop().give_back()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
