"""The join of what is said, in memory: promise 3 begins here."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations
from uuid import UUID

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.choices import (
    AnsweredBy,
    ConferenceStatus,
    Direction,
    EndReason,
    HangupBy,
    ParticipantState,
    Party,
    QueueState,
    RecordingState,
    Side,
    Status,
    Strength,
)
from calls.facts import (
    AgentWord,
    CallFact,
    Claim,
    ConferenceFact,
    ConferenceWord,
    EndWord,
    LegFact,
    Number,
    ParticipantFact,
    QueueWord,
    RecordingFact,
    StatusWord,
)
from calls.merge import State, join, said
from calls.tables import TABLES

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
times = st.integers(-3, 3).map(lambda n: NOON + timedelta(hours=16 * n, microseconds=n))
words = st.sampled_from(["a", "b", "ü"])
counts = st.integers(0, 3)
claims = st.builds(
    Claim,
    strength=st.sampled_from(Strength),
    time=st.integers(0, 2),
    stage=st.integers(-1, 2),
    revision=st.integers(-1, 1),
)
numbers = st.builds(Number, st.sampled_from(["+13125550100", "x"]), st.sampled_from(["1", "2"]))
flags = st.frozensets(st.sampled_from(["bad_time", "answer_disagrees"]))

# For each kind of fact the values that each of its fields may have.
VALUES = {
    CallFact: {
        "parent": words,
        "direction": st.sampled_from(Direction),
        "status": st.builds(StatusWord, st.booleans(), st.sampled_from(Status), words),
        "end_reason": st.builds(EndWord, st.sampled_from(EndReason), words),
        "hangup_by": st.sampled_from(HangupBy),
        "from_number": numbers,
        "to_number": numbers,
        "customer_number": words,
        "agent": st.builds(AgentWord, st.booleans(), words, st.sampled_from(["", "Asha"])),
        "started_at": times,
        "answered_at": times,
        "ended_at": times,
        "duration_seconds": counts,
        "answered_by": st.sampled_from(AnsweredBy),
        "cost_amount": counts,
        "queue": st.builds(QueueWord, st.sampled_from(QueueState), words),
        "provider_revision": counts,
    },
    LegFact: {
        "party": st.sampled_from(Party),
        "number": numbers,
        "name": words,
        "status": st.sampled_from(Status),
        "started_at": times,
        "answered_at": times,
        "ended_at": times,
    },
    ConferenceFact: {
        "alias": words,
        "status": st.builds(ConferenceWord, st.sampled_from(ConferenceStatus), words),
        "started_at": times,
        "ended_at": times,
    },
    ParticipantFact: {
        "state": st.sampled_from(ParticipantState),
        "joined_at": times,
        "left_at": times,
    },
    RecordingFact: {
        "call": words,
        "url": words,
        "duration_seconds": counts,
        "state": st.sampled_from(RecordingState),
    },
}
IDENTITY = {
    CallFact: {"call_id": "CA1"},
    LegFact: {"call_id": "CA1", "side": Side.B},
    ConferenceFact: {"conference_id": "CF1"},
    ParticipantFact: {"conference_id": "CF1", "call_id": "CA1"},
    RecordingFact: {"key": "RE1"},
}


@st.composite
def sayings(draw, kind):
    """A state made of one fact of that kind, said by some delivery at some time."""
    stated = {name: draw(values) for name, values in VALUES[kind].items() if draw(st.booleans())}
    fact = kind(**IDENTITY[kind], claim=draw(claims), flags=draw(flags), **stated)
    delivery = UUID(int=draw(st.integers(0, 50)))
    return said(fact, delivery=delivery, received_at=draw(times))


@st.composite
def states(draw, kind):
    """What several facts about one object come to."""
    parts = draw(st.lists(sayings(kind), max_size=4))
    return reduce(lambda a, b: join(TABLES[kind].rules, a, b), parts, State())


def content(state):
    """Values, claims and flags: which of equal deliveries vouches is not content."""
    return {name: (e.value, e.claim) for name, e in state.entries.items()}, set(state.flags)


class JoinTests(SimpleTestCase):
    def check(self, law):
        for kind in TABLES:
            with self.subTest(kind=kind.__name__):
                law(kind)

    def test_every_field_of_every_fact_is_merged_and_has_columns(self):
        for kind, table in TABLES.items():
            fields = set(kind.__dataclass_fields__) - {*kind.identity, "claim", "flags"}
            self.assertEqual(fields, set(table.columns) - {"strength", "created_at"})

    def test_it_does_not_matter_who_is_joined_to_whom(self):
        def law(kind):
            rules = TABLES[kind].rules

            @settings(max_examples=100, deadline=None)
            @given(states(kind), states(kind))
            def commutative(a, b):
                assert content(join(rules, a, b)) == content(join(rules, b, a))

            commutative()

        self.check(law)

    def test_it_does_not_matter_which_are_joined_first(self):
        def law(kind):
            rules = TABLES[kind].rules

            @settings(max_examples=100, deadline=None)
            @given(states(kind), states(kind), states(kind))
            def associative(a, b, c):
                left = join(rules, join(rules, a, b), c)
                assert content(left) == content(join(rules, a, join(rules, b, c)))

            associative()

        self.check(law)

    def test_saying_it_again_changes_nothing_not_even_who_vouches(self):
        def law(kind):
            rules = TABLES[kind].rules

            @settings(max_examples=100, deadline=None)
            @given(states(kind), states(kind))
            def idempotent(a, b):
                both = join(rules, a, b)
                assert join(rules, both, b) == both
                assert join(rules, both, a) == both
                assert join(rules, a, State()) == a

            idempotent()

        self.check(law)

    def test_any_order_of_the_same_facts_gives_the_same(self):
        def law(kind):
            rules = TABLES[kind].rules

            @settings(max_examples=10, deadline=None)
            @given(st.lists(sayings(kind), min_size=3, max_size=5))
            def ordered(parts):
                expected = content(reduce(lambda a, b: join(rules, a, b), parts, State()))
                for order in permutations(parts):
                    merged = reduce(lambda a, b: join(rules, a, b), order, State())
                    assert content(merged) == expected

            ordered()

        self.check(law)


def fact(strength=Strength.PROGRESS, time=0, stage=-1, revision=-1, **stated):
    return CallFact(call_id="CA1", claim=Claim(strength, time, stage, revision), **stated)


def merged(*facts, received_at=NOON):
    parts = [
        said(f, delivery=UUID(int=place), received_at=received_at) for place, f in enumerate(facts)
    ]
    return reduce(lambda a, b: join(TABLES[CallFact].rules, a, b), parts, State())


class RuleTests(SimpleTestCase):
    def value(self, name, *facts):
        return merged(*facts).entries[name].value

    def test_a_finished_call_never_reopens(self):
        over = fact(status=StatusWord(True, Status.COMPLETED, "completed"), time=1)
        later = fact(
            status=StatusWord(False, Status.RINGING, "ringing"), time=9, strength=Strength.RECORD
        )
        self.assertEqual(self.value("status", over, later).status, Status.COMPLETED)

    def test_a_stronger_claim_beats_a_later_one(self):
        final = fact(duration_seconds=41, strength=Strength.FINAL, time=1)
        later = fact(duration_seconds=7, time=9)
        self.assertEqual(self.value("duration_seconds", final, later), 41)

    def test_of_two_records_the_one_with_the_higher_revision_stands(self):
        new = fact(duration_seconds=41, strength=Strength.RECORD, revision=3, time=1)
        stale = fact(duration_seconds=7, strength=Strength.RECORD, revision=2, time=9)
        self.assertEqual(self.value("duration_seconds", new, stale), 41)

    def test_a_missing_value_takes_no_part(self):
        self.assertEqual(
            self.value("duration_seconds", fact(duration_seconds=41), fact(time=9)), 41
        )

    def test_a_resent_end_is_no_later_end(self):
        once = fact(ended_at=NOON, time=1)
        again = fact(ended_at=NOON + timedelta(minutes=1), time=2)
        self.assertEqual(self.value("ended_at", once, again), NOON)

    def test_a_start_that_was_said_beats_an_earlier_one_that_was_inferred(self):
        inferred = fact(started_at=NOON - timedelta(minutes=1), strength=Strength.INFERRED)
        self.assertEqual(self.value("started_at", inferred, fact(started_at=NOON)), NOON)

    def test_of_two_words_for_a_live_call_the_further_one_stands(self):
        ringing = fact(status=StatusWord(False, Status.RINGING, "ringing"), time=9)
        talking = fact(status=StatusWord(False, Status.IN_PROGRESS, "inProgress"), time=1)
        self.assertEqual(self.value("status", ringing, talking).status, Status.IN_PROGRESS)

    def test_a_known_word_for_an_end_beats_an_unknown_one(self):
        known = fact(status=StatusWord(True, Status.BUSY, "busy"), time=1)
        unknown = fact(status=StatusWord(True, Status.UNKNOWN, "gone"), time=9)
        self.assertEqual(self.value("status", known, unknown).status, Status.BUSY)

    def test_a_queue_is_as_it_was_last(self):
        waiting = fact(queue=QueueWord(QueueState.WAITING, "QU1"), time=1, stage=3)
        left = fact(queue=QueueWord(QueueState.LEFT, "QU1"), time=2)
        self.assertEqual(self.value("queue", left, waiting).state, QueueState.LEFT)

    def test_a_conference_that_was_terminated_stays_so(self):
        rules = TABLES[ConferenceFact].rules
        ended, later = (
            said(
                ConferenceFact(
                    conference_id="CF1",
                    claim=Claim(Strength.PROGRESS, time),
                    status=ConferenceWord(status, status),
                ),
                delivery=UUID(int=time),
                received_at=NOON,
            )
            for status, time in ((ConferenceStatus.TERMINATED, 1), (ConferenceStatus.EMPTY, 2))
        )
        status = join(rules, later, ended).entries["status"].value
        self.assertEqual(status.status, ConferenceStatus.TERMINATED)

    def test_created_is_the_earliest_receipt_whoever_said_more(self):
        early = merged(fact(strength=Strength.INFERRED), received_at=NOON - timedelta(days=1))
        late = merged(fact(strength=Strength.RECORD), received_at=NOON)
        both = join(TABLES[CallFact].rules, late, early)
        self.assertEqual(both.entries["created_at"].value, NOON - timedelta(days=1))
        self.assertEqual(both.entries["strength"].value, Strength.RECORD)

    def test_two_different_parties_are_flagged_whoever_wins(self):
        one = fact(from_number=Number("+13125550100", "1"))
        same = fact(from_number=Number("+13125550100", "+13125550100"), time=1)
        other = fact(from_number=Number("+13125550199", "2"), time=2)
        self.assertEqual(set(merged(one, same).flags), set())
        self.assertEqual(set(merged(one, same, other).flags), {"from_conflict"})
        self.assertEqual(set(merged(other, one, same).flags), {"from_conflict"})
