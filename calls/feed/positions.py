"""Positions in the feed: given to what has committed, by one at a time.

A counter that writers drew from would let a reader pass by whatever drew early and commits late.
Here a set of changes has no position until others can see it. Positions leave no gaps, and who sees
one sees all before it: it was given under a lock that the next giver waits for.
"""

from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import F

from calls.models import ChangeFeed, ChangeSet
from calls.upsert import insert_new

MOST = 1_000  # positions given in one transaction
_FEED = UUID("0c7d5f5e-2f0b-5d0a-9a4e-7f4f7d1c2b68")

# In the order of their notes, which `notes.note` makes that of each object's revisions.
_GIVE = """
    UPDATE calls_changeset SET position = %s + waiting.place
    FROM (
        SELECT id, ROW_NUMBER() OVER (ORDER BY at, id) AS place
        FROM (
            SELECT id, at FROM calls_changeset WHERE position IS NULL ORDER BY at, id LIMIT %s
        ) AS oldest
    ) AS waiting
    WHERE calls_changeset.id = waiting.id
"""


def give_positions(using: str = DEFAULT_DB_ALIAS, most: int = MOST) -> int:
    """Give the next positions to at most so many sets that have committed; to how many. Fewer than
    `most`: all that had committed before the call have theirs. Cheap when nothing waits.

    Not to be called in a transaction that goes on: others wait for its end.
    """
    if not ChangeSet.objects.using(using).filter(position=None).order_by("at")[:1]:
        return 0
    with transaction.atomic(using):
        feed = held(using)
        with connections[using].cursor() as cursor:
            cursor.execute(_GIVE, [feed.position, most])
            given = cursor.rowcount
        feeds(using).update(position=F("position") + given)
    return given


def last(using: str = DEFAULT_DB_ALIAS) -> int:
    """The last position that was given; 0 before the first."""
    return feeds(using).values_list("position", flat=True).first() or 0


def forgotten(using: str = DEFAULT_DB_ALIAS) -> int:
    """Up to here changes may be missing. To be asked after reading them: what forgets moves this
    before it deletes."""
    return feeds(using).values_list("forgotten", flat=True).first() or 0


def held(using: str = DEFAULT_DB_ALIAS) -> ChangeFeed:
    """The feed's row, for us alone until the transaction ends. SQLite has one writer anyway."""
    if not feeds(using).exists():
        insert_new([ChangeFeed(pk=_FEED)], using=using)
    return feeds(using).select_for_update().get()


def feeds(using: str = DEFAULT_DB_ALIAS):
    return ChangeFeed.objects.using(using).filter(pk=_FEED)
