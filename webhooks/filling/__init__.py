"""A database full of calls, to measure on: made inside PostgreSQL, in chunks, from a few numbers.

The rows are as the ledger would have written them, but no delivery made most of them, and their
keys are their own: `rebuild` and "process again" would make other calls.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files

from django.db import connection, transaction

from calls.models import Call, Disposition, Tag
from calls.tallies import recount_everything
from calltrack.jobs import enqueue

from .directory import AGENT_NAMES, Accounts, prepare_accounts
from .indexes import indexes_last

__all__ = ["Plan", "analyze", "count_ahead", "fill", "held", "indexes_last"]

CHUNK = 500_000
LIVE = 300
WITH_DELIVERIES = 0.05  # the newest calls
TAGS = ["Follow up", "New customer", "Complaint", "Wrong number"]
DISPOSITIONS = ["Appointment made", "Not interested", "Call back", "Spam"]


@dataclass(frozen=True)
class Plan:
    """What to fill: calls with the numbers `first` … `first + calls - 1` that began within the days
    before `until`, the last of them still going on."""

    calls: int
    first: int
    days: int
    until: datetime
    seed: str

    @property
    def live(self) -> int:
        return min(LIVE, self.calls // 10)

    @property
    def chunks(self) -> Iterator[tuple[int, int]]:
        """First and last number of each, of calls that are over."""
        end = self.first + self.calls - self.live
        for start in range(self.first, end, CHUNK):
            yield start, min(start + CHUNK, end) - 1

    @property
    def parameters(self) -> dict:
        digest = sha256(self.seed.encode()).digest()
        return {
            "seed": int.from_bytes(digest[:6], "big"),
            "seed_word": digest.hex()[:12],
            "since": self.until - timedelta(days=self.days),
            "until": self.until,
            "first": self.first,
            "calls": self.calls - self.live,
            # As many as there are numbers that are nobody's, and a hundred calls each.
            "regulars_in": min(99_000, max(20, self.calls // 100)),
            "regulars_us": min(9_000, max(20, self.calls // 200)),
            "agent_names": AGENT_NAMES,
            "note_every": max(self.calls // 3_000, 7),
            "tags": _ids(Tag, TAGS),
            "dispositions": _ids(Disposition, DISPOSITIONS),
        }


def held() -> int:
    """How many filled conversations there are; counts them."""
    return Call.objects.filter(account__in=Accounts.existing(), is_root=True).count()


def fill(plan: Plan, progress: Callable[[int], None]) -> None:
    """Insert the plan's calls and all around them, a transaction per chunk. `progress` hears how
    many calls there are so far."""
    accounts = prepare_accounts()
    parameters = plan.parameters
    with connection.cursor() as cursor:
        _run(cursor, "setup", parameters)
        cursor.executemany(
            "INSERT INTO fill_account VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", accounts.rows()
        )
        newest = plan.first + int(plan.calls * (1 - WITH_DELIVERIES))
        for start, end in plan.chunks:
            # Chunks end where deliveries begin, so that a chunk has them or has none.
            for from_n, to_n in _split(start, end, newest):
                steps = ["hours", "story", "calls", "around"]
                steps += ["deliveries"] if from_n >= newest else []
                _chunk(cursor, steps, parameters | {"from_n": from_n, "to_n": to_n})
                progress(to_n - plan.first + 1)
        start = plan.first + plan.calls - plan.live
        last = {"from_n": start, "to_n": plan.first + plan.calls - 1}
        _chunk(cursor, ["live", "story", "calls", "around", "deliveries"], parameters | last)
        progress(plan.calls)


def analyze() -> None:
    """Without it the planner knows nothing of what was just inserted."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def count_ahead(progress: Callable[[int], None]) -> None:
    """What pages read instead of counting calls; traffic is counted by the next worker. `progress`
    hears how many half-hours are done."""
    enqueue("count_all_traffic")
    recount_everything(progress)


def _split(start: int, end: int, at: int) -> list[tuple[int, int]]:
    if start < at <= end:
        return [(start, at - 1), (at, end)]
    return [(start, end)]


def _chunk(cursor, steps: list[str], parameters: dict) -> None:
    with transaction.atomic():
        for step in steps:
            _run(cursor, step, parameters)
        # Foreign keys are checked at the commit. Planned for tables that were empty a moment ago,
        # each check reads a whole index: minutes for a chunk.
        cursor.execute("ANALYZE calls_account, calls_call, calls_conference, calls_leg")


def _run(cursor, name: str, parameters: dict) -> None:
    cursor.execute(files(__package__).joinpath(f"{name}.sql").read_text(), parameters)


def _ids(model, names: list[str]) -> list:
    return [model.objects.get_or_create(name=name)[0].pk for name in names]
