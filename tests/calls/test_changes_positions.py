"""Positions are given to what has committed: who commits late comes late, and is not passed by."""

import threading
from datetime import timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase, skipUnlessDBFeature
from django.utils.timezone import now

from calls.feed import forgetting, notes, positions
from calls.models import ChangeFeed, ChangeSet

PATIENCE = 30  # seconds for the other thread


def noted(*entries):
    """The id that a set is known by here."""
    key = uuid4().hex
    notes.note([["call", key, 1, [notes.CHANGED]], *entries])
    return key


def after(position):
    """(position, the first object) of what a reader finds beyond a position."""
    sets = ChangeSet.objects.filter(position__gt=position).order_by("position")
    return [(one.position, one.changes[0][1]) for one in sets]


class Late:
    """Another connection that notes a change at once and commits it when told to."""

    def __init__(self):
        self.noted, self.may_commit = threading.Event(), threading.Event()
        self.key = ""
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        assert self.noted.wait(PATIENCE)
        return self

    def __exit__(self, *args):
        self.commit()

    def commit(self):
        self.may_commit.set()
        self.thread.join(PATIENCE)

    def _run(self):
        with transaction.atomic():
            self.key = noted()
            self.noted.set()
            self.may_commit.wait(PATIENCE)
        connection.close()


@skipUnlessDBFeature("has_select_for_update")  # elsewhere nobody writes beside another
class LateTests(TransactionTestCase):
    def test_who_commits_late_comes_after_what_a_reader_has_had(self):
        with Late() as late:
            early = noted()
            self.assertEqual(positions.give_positions(), 1)
            self.assertEqual(after(0), [(1, early)])
            late.commit()
            self.assertEqual(positions.give_positions(), 1)
            self.assertEqual(after(1), [(2, late.key)])

    def test_of_many_that_give_at_once_each_set_gets_one_position(self):
        keys = [noted() for _ in range(200)]
        start = threading.Barrier(6)
        given = []

        def give():
            start.wait(PATIENCE)
            while count := positions.give_positions(most=7):
                given.append(count)
            connection.close()

        threads = [threading.Thread(target=give) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(sum(given), 200)
        self.assertEqual(after(0), list(enumerate(keys, start=1)))
        self.assertEqual(positions.last(), 200)

    def test_nobody_sees_a_position_before_all_below_it(self):
        """Whoever gives has the feed's row; the next one waits, and reads after it."""
        noted()
        with transaction.atomic():
            positions.held()
            waiter = threading.Thread(
                target=lambda: (positions.give_positions(), connection.close())
            )
            waiter.start()
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            with connection.cursor() as cursor:
                for _ in range(100_000):
                    cursor.execute("SELECT pg_stat_clear_snapshot()")
                    cursor.execute(waiting + " AND datname = current_database()")
                    if cursor.fetchone()[0]:
                        break
                else:
                    self.fail("it does not wait")
            self.assertEqual(after(0), [])
        waiter.join(PATIENCE)
        self.assertEqual(positions.last(), 1)


class GivingTests(TestCase):
    def test_positions_follow_each_other_without_a_gap(self):
        keys = [noted() for _ in range(3)]
        self.assertEqual(positions.give_positions(), 3)
        keys.append(noted())
        self.assertEqual(positions.give_positions(), 1)
        self.assertEqual(after(0), list(enumerate(keys, start=1)))
        self.assertEqual(after(2), list(enumerate(keys, start=1))[2:])

    def test_a_round_is_bounded_and_takes_the_oldest(self):
        keys = [noted() for _ in range(5)]
        self.assertEqual(positions.give_positions(most=2), 2)
        self.assertEqual([key for _, key in after(0)], keys[:2])
        self.assertEqual(positions.give_positions(most=2), 2)
        self.assertEqual(positions.give_positions(most=2), 1)
        self.assertEqual([key for _, key in after(0)], keys)

    def test_where_nothing_waits_it_takes_one_query(self):
        noted()
        positions.give_positions()
        with self.assertNumQueries(1):
            self.assertEqual(positions.give_positions(), 0)

    def test_the_order_is_that_of_the_notes(self):
        """Not of ids, nor of rows in the table."""
        at = now()
        sets = [
            ChangeSet(at=at + timedelta(microseconds=place), changes=[["call", str(place), 1, []]])
            for place in (3, 1, 2)
        ]
        ChangeSet.objects.bulk_create(sets)
        positions.give_positions()
        self.assertEqual(after(0), [(1, "1"), (2, "2"), (3, "3")])

    def test_a_note_without_entries_is_none(self):
        notes.note([])
        notes.Changes().save()
        self.assertFalse(ChangeSet.objects.exists())


class ForgettingTests(TestCase):
    def test_what_is_old_goes_and_the_feed_says_so_first(self):
        long_ago = now() - timedelta(days=31)
        old, young = [noted() for _ in range(3)], noted()
        ChangeSet.objects.exclude(changes__0__1=young).update(at=long_ago)
        self.assertEqual(forgetting.forget(now() - timedelta(days=30)), 3)
        self.assertEqual(after(0), [(4, young)])
        self.assertEqual((positions.forgotten(), positions.last()), (3, 4))
        self.assertEqual(forgetting.forget(now() - timedelta(days=30)), 0)
        self.assertEqual(len(old), 3)

    def test_it_goes_in_batches(self):
        before, forgetting.BATCH = forgetting.BATCH, 2
        self.addCleanup(setattr, forgetting, "BATCH", before)
        for _ in range(5):
            noted()
        later = now() + timedelta(days=1)
        self.assertEqual([forgetting.forget(later) for _ in range(4)], [2, 2, 1, 0])
        self.assertEqual(ChangeFeed.objects.get().forgotten, 5)
