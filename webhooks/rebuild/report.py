"""What a rebuild found."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from calls.content import differences
from calls.models.base import MergedModel

SHOWN = 100  # of each kind: a rebuild into empty tables finds every row missing

Pair = tuple[MergedModel | None, MergedModel]  # (the row as it is, the row as it should be)


@dataclass(slots=True)
class Report:
    """How many of what, and the first of them: `different` (object, what differs), `unvouched`:
    rows that no delivery names."""

    deliveries: int = 0
    objects: int = 0
    unreadable: int = 0
    written: int = 0
    differences: int = 0
    without_a_word: int = 0
    different: list[tuple[str, str]] = field(default_factory=list)
    unvouched: list[str] = field(default_factory=list)
    scratch_bytes: int = 0

    def differ(self, pairs: Iterable[Pair]) -> None:
        for old, new in pairs:
            lines = ["missing"] if old is None else differences(old, new)
            self.differences += len(lines)
            if len(self.different) < SHOWN:
                self.different += [(_name(new), line) for line in lines]

    def nobody_vouches(self, row: MergedModel) -> None:
        self.without_a_word += 1
        if len(self.unvouched) < SHOWN:
            self.unvouched.append(_name(row))


def _name(row: MergedModel) -> str:
    return f"{row._meta.verbose_name} {row.pk}"
