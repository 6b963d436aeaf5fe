"""Compares what the API shows with the truth, field by field."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from .api import Api
from .truth import CallTruth, Truth

MARGIN = timedelta(minutes=1)  # before the first event, for rows that are asked for by time
LOOKED_INTO = 30  # calls whose own page is compared too
TRIED = 20  # calls asked for to find out whose they are

_IDENTITY = {
    "calls": ("provider_call_id",),
    "legs": ("provider_call_id", "side", "connected_provider_call_id"),
    "conferences": ("provider_conference_id",),
    "participants": ("provider_conference_id", "provider_call_id"),
}
_ONE = {name: name[:-1] for name in ("calls", "legs", "conferences", "participants", "recordings")}


@dataclass(slots=True)
class Score:
    fields: int = 0
    right: int = 0
    calls: int = 0
    wrong: Counter = field(default_factory=Counter)  # "call.status": how often
    differences: list[str] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """Rounded down: only all is 100."""
        return math.floor(10_000 * self.right / self.fields) / 100 if self.fields else 0.0

    def check(self, what: str, name: str, shown: Any, true: Any) -> None:
        self.fields += 1
        if shown == true:
            self.right += 1
        else:
            self._note(f"{what.partition(' ')[0]}.{name}")
            self.differences.append(f"{what}: {name} is {_said(shown)}, not {_said(true)}")

    def fail(self, what: str, problem: str, count: int = 1) -> None:
        self.fields += count
        self._note(f"{what.partition(' ')[0]} {problem}", count)
        self.differences.append(f"{what} is {problem}")

    def _note(self, name: str, count: int = 1) -> None:
        self.wrong[name] += count


def verify(
    api: Api, truth: Truth, accounts: dict[str, str | None], look_into: int = LOOKED_INTO
) -> Score:
    """`accounts`: provider → id of the account that was played to, None to find it out."""
    score = Score(calls=len(truth.calls))
    for provider, account in accounts.items():
        calls = [call for call in truth.calls if call.provider == provider]
        account = account or find_account(api, calls)
        if account is None:
            for call in calls:
                score.fail(_name("calls", call), "missing", len(_compared(call)))
        else:
            Comparison(api, part_of(truth, calls), account, score).run(look_into)
    return score


def find_account(api: Api, calls: list[CallTruth]) -> str | None:
    """The newest account in which one of the calls is shown."""
    for call in calls[:TRIED]:
        found = api.get("calls/", provider=call.provider, provider_call_id=call.provider_call_id)[
            "results"
        ]
        if found:
            return max(found, key=lambda shown: shown["created_at"])["account"]["id"]
    return None


def part_of(truth: Truth, calls: list[CallTruth]) -> Truth:
    """What belongs to these calls: one provider's part of the truth."""
    ids = {call.provider_call_id for call in calls}
    members = [member for member in truth.participants if member.provider_call_id in ids]
    met = {member.provider_conference_id for member in members}
    return Truth(
        calls=calls,
        legs=[leg for leg in truth.legs if leg.connected_provider_call_id in ids],
        conferences=[c for c in truth.conferences if c.provider_conference_id in met],
        participants=members,
        recordings=[
            recording
            for recording in truth.recordings
            if recording.provider_call_id in ids or recording.provider_conference_id in met
        ],
    )


class Comparison:
    """One account's part of it."""

    def __init__(self, api: Api, truth: Truth, account: str, score: Score):
        self.api, self.truth, self.account, self.score = api, truth, account, score

    def run(self, look_into: int) -> None:
        if not self.truth.calls:
            return
        since = (min(call.begun_at for call in self.truth.calls) - MARGIN).isoformat()
        shown = {
            "calls": list(self._walk("calls", begun_at__gte=since)),
            "legs": list(self._walk("legs", created_at__gte=since)),
            "conferences": list(self._walk("conferences", created_at__gte=since)),
            "recordings": list(self._walk("recordings", created_at__gte=since)),
        }
        shown["participants"] = [
            member for conference in shown["conferences"] for member in conference["participants"]
        ]
        self.call_ids = {call["provider_call_id"]: call["id"] for call in shown["calls"]}
        self.conference_ids = {
            conference["provider_conference_id"]: conference["id"]
            for conference in shown["conferences"]
        }
        for kind in ("calls", "legs", "conferences", "participants", "recordings"):
            self._compare(kind, getattr(self.truth, kind), shown[kind])
        self._look_into(look_into)

    def _walk(self, kind: str, **parameters) -> Iterator[dict]:
        return self.api.walk(f"{kind}/", account=self.account, **parameters)

    def _compare(self, kind: str, truths: Iterable, shown: list[dict]) -> None:
        key = _recording_key if kind == "recordings" else _key_of(kind)
        by_key = {key(row): row for row in shown}
        for true in truths:
            row = by_key.pop(key(_as_dict(true)), None)
            name = _name(kind, true)
            if row is None:
                self.score.fail(name, "missing", len(_compared(true)))
                continue
            for column in _compared(true):
                value = getattr(true, column)
                self.score.check(name, column, _read(row.get(column), value), value)
            self._check_links(name, true, row)
        for row in by_key.values():
            if self._is_ours(row):
                self.score.fail(f"{_ONE[kind]} {key(row)}", "unexpected")

    def _check_links(self, name: str, true: Any, row: dict) -> None:
        """Our ids of what a row points at, against the rows that have them."""
        links = {
            "parent": ("parent_provider_call_id", self.call_ids),
            "call": ("provider_call_id", self.call_ids),
            "connected_call": ("connected_provider_call_id", self.call_ids),
            "conference": ("provider_conference_id", self.conference_ids),
        }
        for column, (told, ids) in links.items():
            if column in row:
                self.score.check(name, column, row[column], ids.get(getattr(true, told, None)))

    def _is_ours(self, row: dict) -> bool:
        """Does what the truth does not know hang on what it does know?"""
        calls = {call.provider_call_id for call in self.truth.calls}
        met = {conference.provider_conference_id for conference in self.truth.conferences}
        if "from_number" in row:
            return row["parent_provider_call_id"] in calls
        return row.get("provider_call_id") in calls or row.get("provider_conference_id") in met

    def _look_into(self, count: int) -> None:
        """The call's own page: of each kind of life one, and some more."""
        truth = self.truth
        first = {call.life: call for call in reversed(truth.calls)}
        some = list({id(c): c for c in [*first.values(), *truth.calls]}.values())[:count]
        for call in some:
            key = call.provider_call_id
            if key not in self.call_ids:
                continue
            page = self.api.get(f"calls/{self.call_ids[key]}/")
            true = {
                "legs": {x.connected_provider_call_id for x in truth.legs if _of(x, key)},
                "recordings": {x.url for x in truth.recordings if _of(x, key)},
                "conferences": {
                    x.provider_conference_id for x in truth.participants if _of(x, key)
                },
                "children": {
                    x.provider_call_id for x in truth.calls if x.parent_provider_call_id == key
                },
            }
            seen = {
                "legs": {row["connected_provider_call_id"] for row in page["legs"]},
                "recordings": {row["url"] for row in page["recordings"]},
                "conferences": {row["provider_conference_id"] for row in page["conferences"]},
                "children": {row["provider_call_id"] for row in page["children"]},
            }
            for section, value in true.items():
                self.score.check(f"page of {_name('calls', call)}", section, seen[section], value)


def _of(thing: Any, provider_call_id: str) -> bool:
    return thing.provider_call_id == provider_call_id


def _key_of(kind: str) -> Callable[[dict], tuple]:
    return lambda row: tuple(row.get(name) for name in _IDENTITY[kind])


def _recording_key(row: dict) -> str | None:
    """The provider's id; CallerDesk gives none, and at most one to a call."""
    return row.get("provider_recording_id") or row.get("provider_call_id")


def _as_dict(true: Any) -> dict:
    return {f.name: getattr(true, f.name) for f in fields(true)}


def _compared(true: Any) -> list[str]:
    return [f.name for f in fields(true) if f.name != "life"]


def _read(shown: Any, true: Any) -> Any:
    """A time as a time, where it is one."""
    if isinstance(true, datetime) and isinstance(shown, str):
        try:
            return datetime.fromisoformat(shown)
        except ValueError:
            return shown
    return shown


def _name(kind: str, true: Any) -> str:
    ids = [getattr(true, name) for name in _IDENTITY.get(kind, ())]
    if kind == "recordings":
        ids = [true.provider_recording_id or true.url]
    of_life = f" ({true.provider}, {true.life})" if isinstance(true, CallTruth) else ""
    return f"{_ONE[kind]} {' '.join(ids)}{of_life}"


def _said(value: Any) -> str:
    if value is None:
        return "unknown"
    return value.isoformat() if isinstance(value, datetime) else repr(value)
