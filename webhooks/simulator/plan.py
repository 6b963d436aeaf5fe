"""Which lives are played: a function of the seed, the number of the call, and where it starts."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from . import callerdesk_lives, freeclimb_lives
from .callerdesk import CALLERDESK
from .freeclimb import FREECLIMB, Account
from .story import LONGEST, Life, Story

PROVIDERS = (FREECLIMB, CALLERDESK)
LIVES = {FREECLIMB: freeclimb_lives.LIVES, CALLERDESK: callerdesk_lives.LIVES}

_SLACK = 20  # seconds between the end of the longest life and now, for what is sent again
_STRETCH = 6  # calls of past days need not fit into a signature's five minutes


class Plan:
    """Lives number 0, 1, 2 …; the providers take turns, and each kind of life comes first once.

    Ids and everything else but the time are the same for the same seed.
    """

    def __init__(self, seed: str, providers: Sequence[str], freeclimb_account_id: str):
        self.seed = seed
        self.providers = [provider for provider in PROVIDERS if provider in providers]
        self.account = Account(freeclimb_account_id)
        common = random.Random(f"{seed}/calls")
        self.epoch = common.randrange(1_500_000_000, 1_700_000_000)
        self.counter = common.randrange(1_000_000, 9_000_000)

    def life(self, number: int, start: datetime, stretch: int = 1) -> Life:
        rng = random.Random(f"{self.seed}/{number}")
        turn, which = divmod(number, len(self.providers))
        provider = self.providers[which]
        lives = LIVES[provider]
        names = list(lives)
        if turn < len(names):
            name = names[turn]
        else:
            name = rng.choices(names, [weight for _, weight in lives.values()])[0]
        story = Story(name, rng, start, stretch)
        tell = lives[name][0]
        if provider == FREECLIMB:
            tell(story, self.account)
        else:
            tell(story, self._call_sid(number))
        return story.life()

    def _call_sid(self, number: int) -> str:
        """Asterisk's way: epoch seconds and a counter; some end in a zero that is part of them."""
        return f"{self.epoch + number // 7}.{self.counter + number}"

    def live(self, numbers: Sequence[int], now: Callable[[], datetime]) -> Iterator[Life]:
        """Lives that were over a moment ago, as FreeClimb's signatures must be fresh."""
        for number in numbers:
            jitter = random.Random(f"{self.seed}/{number}/start").uniform(0, 10)
            yield self.life(number, now() - timedelta(seconds=LONGEST + _SLACK + jitter))

    def past(self, numbers: Sequence[int], days: int, now: datetime) -> Iterator[Life]:
        """Lives of the last days, up to yesterday, in order; mostly in Indian office hours."""
        starts = []
        for number in numbers:
            rng = random.Random(f"{self.seed}/{number}/start")
            day = now.astimezone(UTC).date() - timedelta(days=rng.randint(1, days))
            second = int(min(max(rng.gauss(8.5, 3.5), 0), 23.5) * 3600)
            starts.append((datetime.combine(day, time(), UTC) + timedelta(seconds=second), number))
        for start, number in sorted(starts):
            yield self.life(number, start, _STRETCH)
