"""Changes are not kept for ever: who stays away too long copies everything again."""

from datetime import datetime
from itertools import takewhile

from calls.models import ChangeSet

from . import positions

BATCH = 1_000


def forget(before: datetime) -> int:
    """Delete the oldest sets that were noted before that time, at most BATCH; how many.

    That they are forgotten is committed first, so that no reader takes what he finds for all.
    """
    while positions.give_positions() == positions.MOST:  # nobody may have read for so long
        continue
    kept = ChangeSet.objects.filter(position__gt=positions.forgotten()).order_by("position")
    oldest = kept.values_list("position", "at")[:BATCH]
    old = [number for number, _ in takewhile(lambda one: one[1] < before, oldest)]
    if not old:
        return 0
    positions.feeds().filter(forgotten__lt=old[-1]).update(forgotten=old[-1])
    return ChangeSet.objects.filter(position__lte=old[-1]).delete()[0]
