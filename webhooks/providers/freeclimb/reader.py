"""Fields of one delivery in our words; what we do not know is collected for staff to see."""

from collections.abc import Mapping
from typing import TypeVar

from calls.choices import AnsweredBy, Direction, EndReason, HangupBy, Status
from calls.facts import AgentWord, Number
from calls.numbers import number

from ..base import Context
from ..values import text, whole
from . import words
from .body import Fields

T = TypeVar("T")


class Reader:
    """Each method gives None for what the delivery does not say. `reason()` tells what was odd."""

    def __init__(self, data: Fields, context: Context, notes: list[str]):
        self.data = data
        self._region = context.region
        self._notes = notes
        self._unknown: dict[str, str] = {}
        self._unread: dict[str, str] = {}

    def text(self, name: str) -> str | None:
        value = self.data.get(name)
        return None if value is None else text(value)

    def whole(self, name: str) -> int | None:
        value = self.data.get(name)
        count = None if value is None else whole(value)
        if count is None and (said := self.text(name)):
            self._unread[name] = said[:64]
        return count

    def number(self, name: str) -> Number | None:
        raw = self.text(name)
        return None if raw is None else number(raw, self._region)

    def word(self, name: str, table: Mapping[str, T]) -> tuple[T | None, str] | None:
        """(ours, theirs); ours is None for a word that we do not know."""
        theirs = self.text(name)
        if theirs is None:
            return None
        ours = table.get(theirs)
        if ours is None:
            self._unknown[name] = theirs[:64]
        return ours, theirs

    def status(self, *names: str) -> tuple[Status, str] | None:
        """The first of these fields that says something."""
        for name in names:
            if word := self.word(name, words.STATUSES):
                return word[0] or Status.UNKNOWN, word[1]
        return None

    def direction(self) -> Direction | None:
        word = self.word("direction", words.DIRECTIONS)
        return word[0] if word else None

    def agent(self, status: Status | None) -> AgentWord | None:
        """Of a dialled call: whom its parent reached, or where it only rang."""
        number = self.number("to")
        if self.text("direction") != "outboundDial" or number is None:
            return None
        return AgentWord(status in (Status.IN_PROGRESS, Status.COMPLETED), number.number, "")

    def end_reason(self) -> tuple[tuple[EndReason, str] | None, HangupBy | None]:
        word = self.word("callEndedReason", words.END_REASONS)
        if word is None:
            return None, None
        reason, hangup_by = word[0] or (EndReason.UNRECOGNISED, None)
        return (reason, word[1]), hangup_by

    def answered_by(self) -> AnsweredBy | None:
        word = self.word("answeredBy", words.ANSWERED_BY)
        return word[0] if word else None

    def look_at_others(self) -> None:
        """Notice new words also where no column takes them."""
        if words.OTHERS.keys().isdisjoint(self.data):
            return
        for name, known in words.OTHERS.items():
            self.word(name, known)

    def reason(self) -> str:
        if not (self._notes or self._unknown or self._unread):
            return ""
        notes = list(self._notes)
        for what, found in (("unknown words", self._unknown), ("unread numbers", self._unread)):
            if found:
                shown = ", ".join(f'{name} "{word}"' for name, word in found.items())
                notes.append(f"{what}: {shown}")
        return "; ".join(notes)
