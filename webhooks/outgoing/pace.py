"""When it is tried again, and when no longer. Times in seconds."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# After each failed try of one message; three days in all.
DELAYS = (5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400)
TRIES = len(DELAYS) + 1
JITTER = 0.15  # so much more or less, that targets which fail together are not met together
LONGEST_RETRY_AFTER = 3_600

# After so many failures in a row a target is left alone for a while, then probed with one message.
PATIENCE = 5
FIRST_PAUSE, LONGEST_PAUSE = 1, 300

# A target is dead when all failed for so long, and so many tries.
DEAD_AFTER = timedelta(hours=24)
DEAD_AFTER_TRIES = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """`factor` shortens or lengthens all pauses of ours, for trials."""

    factor: float = 1.0

    def before_next(self, tries: int, retry_after: float) -> float | None:
        """The pause after so many tries of one message; None: it is given up."""
        if tries >= TRIES:
            return None
        return max(self._about(DELAYS[tries - 1]), retry_after)

    def pause(self, failures: int) -> float:
        """How long a target is left alone after so many failures in a row."""
        if failures < PATIENCE:
            return 0
        doubled = min(failures - PATIENCE, math.ceil(math.log2(LONGEST_PAUSE)))
        return self._about(min(FIRST_PAUSE * 2**doubled, LONGEST_PAUSE))

    def _about(self, seconds: float) -> float:
        return self.factor * seconds * random.uniform(1 - JITTER, 1 + JITTER)


def is_dead(failures: int, failing_since: datetime | None, at: datetime) -> bool:
    if failing_since is None or failures < DEAD_AFTER_TRIES:
        return False
    return at - failing_since >= DEAD_AFTER


def retry_after(header: str, at: datetime) -> float:
    """Seconds that a target asks us to wait: a number or an HTTP date; 0 if it is neither."""
    text = header.strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        seconds = float(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return 0
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - at).total_seconds()
    return min(max(seconds, 0), LONGEST_RETRY_AFTER)
