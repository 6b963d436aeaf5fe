"""Where a reader of the changes has got to."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.core.signing import BadSignature, Signer

from .kinds import KINDS

_SIGNER = Signer(salt="cursor:changes")


class NotACursor(ValueError):
    """Not one that we gave out."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """What has been read; while the tables are copied, the kind and id of the last row."""

    kinds: tuple[str, ...]
    position: int  # all sets up to here; while copying: where the changes to follow begin
    entries: int = 0  # and so many of the next set
    kind: str = ""
    id: UUID = UUID(int=0)

    @property
    def copies(self) -> bool:
        return self.kind != ""

    def at_row(self, kind: str, key: UUID) -> "Cursor":
        return replace(self, kind=kind, id=key)

    def at_changes(self, position: int, entries: int = 0) -> "Cursor":
        return Cursor(self.kinds, position, entries)

    def sign(self) -> str:
        kinds = "".join(_LETTER[kind] for kind in self.kinds)
        parts = [kinds, self.position, self.entries]
        if self.copies:
            parts += [_LETTER[self.kind], self.id.hex]
        return _SIGNER.sign_object(parts)


_LETTER = {"call": "c", "leg": "l", "conference": "f", "participant": "p", "recording": "r"}
_KIND = {letter: kind for kind, letter in _LETTER.items()}


def read(text: str) -> Cursor:
    """Raises NotACursor."""
    try:
        kinds, position, entries, *row = _SIGNER.unsign_object(text)
    except (BadSignature, ValueError):
        raise NotACursor from None
    cursor = Cursor(tuple(_KIND[letter] for letter in kinds), position, entries)
    return cursor.at_row(_KIND[row[0]], UUID(hex=row[1])) if row else cursor


def from_the_beginning(kinds: tuple[str, ...], position: int) -> Cursor:
    """Copies the tables first, then follows the changes from that position on."""
    return Cursor(kinds, position, kind=kinds[0])


def in_order(kinds) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if kind in kinds)
