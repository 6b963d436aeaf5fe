"""The picture of when things happened, whatever is known of it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.test import SimpleTestCase
from django.utils import timezone

from calls.desk import timeline
from calls.desk.timeline import Dot, Lane, Span, connection_spans, draw
from tests.factories import NOON, after


def spans(**known):
    given = {"started": None, "answered": None, "ended": None, "live": False, "now": after(600)}
    return [
        (span.kind, (span.start - NOON).seconds, (span.end - NOON).seconds, span.open)
        for span in connection_spans(**given | known)
    ]


class ConnectionTests(SimpleTestCase):
    def test_ringing_ends_with_the_answer_and_talking_with_the_end(self):
        self.assertEqual(
            spans(started=after(0), answered=after(12), ended=after(60)),
            [("ring", 0, 12, False), ("talk", 12, 60, False)],
        )

    def test_what_nobody_answered_only_rang(self):
        self.assertEqual(spans(started=after(5), ended=after(30)), [("ring", 5, 30, False)])

    def test_a_live_connection_is_open_to_now(self):
        self.assertEqual(spans(started=after(0), live=True), [("ring", 0, 600, True)])
        self.assertEqual(
            spans(started=after(0), answered=after(9), live=True),
            [("ring", 0, 9, False), ("talk", 9, 600, True)],
        )

    def test_what_was_answered_at_an_unknown_time_is_not_said_to_ring(self):
        self.assertEqual(
            spans(started=after(0), live=True, reached=True), [("either", 0, 600, True)]
        )

    def test_an_end_that_nobody_told_is_the_end_of_the_call(self):
        self.assertEqual(
            spans(started=after(0), answered=after(9), over_at=after(50)),
            [("ring", 0, 9, False), ("talk", 9, 50, False)],
        )

    def test_times_that_are_missing_or_contradict_each_other_break_nothing(self):
        self.assertEqual(spans(), [])
        self.assertEqual(spans(started=after(3)), [("ring", 3, 3, False)])
        self.assertEqual(spans(answered=after(3)), [("talk", 3, 3, False)])
        self.assertEqual(spans(ended=after(3)), [("ring", 3, 3, False)])
        self.assertEqual(spans(started=after(9), ended=after(3)), [("ring", 9, 9, False)])
        self.assertEqual(
            spans(started=after(9), answered=after(5), ended=after(3)), [("talk", 5, 5, False)]
        )


def lane(start=0, end=60, kind="talk"):
    return Lane("A: somebody", [Span(kind, after(start), after(end))])


class DrawingTests(SimpleTestCase):
    def test_bars_lie_on_one_axis(self):
        first, second = lane(0, 50), lane(50, 100)
        draw([first, second], [])
        self.assertAlmostEqual(first.spans[0].x + first.spans[0].width, second.spans[0].x, 1)
        self.assertAlmostEqual(first.spans[0].width, second.spans[0].width, 1)
        self.assertGreater(second.y, first.y)

    def test_everything_stays_within_the_picture(self):
        lanes = [lane(0, 0), lane(0, 7_200), lane(7_200, 7_200), Lane("unknown")]
        picture = draw(lanes, [Dot(after(-9_999), "early"), Dot(after(99_999), "late")])
        for one in lanes:
            for span in one.spans:
                self.assertGreaterEqual(span.x, 0)
                self.assertGreater(span.width, 0)
                self.assertLessEqual(span.x + span.width, 100.001)
        self.assertEqual([dot.outside for dot in picture.dots], [True, True])
        self.assertTrue(all(0 < dot.x < 100 for dot in picture.dots))

    def test_a_report_that_came_much_later_does_not_squeeze_the_call(self):
        bar = lane(0, 60)
        draw([bar], [Dot(after(10 * 86_400), "report received")])
        self.assertGreater(bar.spans[0].width, 90)

    def test_a_moment_has_some_room_around_it(self):
        picture = draw([lane(0, 0)], [])
        self.assertGreaterEqual(picture.end - picture.start, timedelta(seconds=4))

    def test_events_alone_make_a_picture_and_nothing_makes_none(self):
        self.assertEqual(len(draw([Lane("A")], [Dot(NOON, "x"), Dot(after(9), "y")]).dots), 2)
        self.assertIsNone(draw([], []))
        self.assertIsNone(draw([Lane("A")], []))

    def test_a_few_ticks_whatever_the_length(self):
        for seconds in (0, 1, 9, 59, 61, 900, 3_600, 30_000, 86_400, 10**6, 10**8):
            with self.subTest(seconds):
                ticks = draw([lane(0, seconds)], []).ticks
                self.assertTrue(1 <= len(ticks) <= 7, len(ticks))
                places = [tick.x for tick in ticks]
                self.assertEqual(places, sorted(places))
                self.assertTrue(all(0 <= place <= 100 for place in places))

    def test_ticks_are_in_the_viewers_time_zone(self):
        with timezone.override(ZoneInfo("Asia/Kolkata")):
            labels = [tick.label for tick in draw([lane(0, 60)], []).ticks]
        self.assertIn("17:30:15", labels)

    def test_more_legs_than_anybody_reads_are_not_drawn(self):
        picture = draw([lane() for _ in range(60)], [Dot(after(n), "x") for n in range(150)])
        self.assertEqual([len(picture.lanes), picture.hidden], [timeline.MOST_LANES, 10])
        self.assertEqual([len(picture.dots), picture.dots_hidden], [timeline.MOST_DOTS, 50])

    def test_the_picture_can_be_read_aloud(self):
        open_bar = Lane("B: Asha", [Span("ring", after(1), after(9), True)])
        said = draw([lane(), open_bar, Lane("C", note="Failed")], [Dot(NOON, "x")]).description
        self.assertIn("A: somebody: connected from 12:00:00 to 12:01:00.", said)
        self.assertIn("B: Asha: ringing from 12:00:01 on, still going on.", said)
        self.assertIn("C: Failed.", said)
        self.assertIn("1 events.", said)
