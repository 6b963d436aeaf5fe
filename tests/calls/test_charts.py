"""Days and hours by the viewer's clock, and the bars drawn of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import SimpleTestCase

from calls.desk import charts
from calls.desk.days import last_days, last_hours, same_time, span
from calls.tallies import Figures

CHICAGO, KOLKATA = ZoneInfo("America/Chicago"), ZoneInfo("Asia/Kolkata")
KATHMANDU, UTC_ZONE = ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")
NOW = datetime(2026, 11, 3, 16, 20, 30, tzinfo=UTC)  # Chicago's clocks went back on the 1st


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


class DayTests(SimpleTestCase):
    def test_a_day_has_as_many_hours_as_the_clock_gives_it(self):
        for now, hours in ((utc(2026, 11, 1, 20), 25), (utc(2026, 3, 8, 20), 23)):
            first, last = last_days(now, 1, CHICAGO)
            self.assertEqual((last - first) / timedelta(hours=1), hours)
            today = span("today", now, CHICAGO)
            self.assertEqual((today.start, today.end), (first, last))

    def test_days_begin_at_the_viewers_midnight(self):
        for zone, midnight in (
            (KOLKATA, utc(2026, 11, 2, 18, 30)),
            (KATHMANDU, utc(2026, 11, 2, 18, 15)),
            (CHICAGO, utc(2026, 11, 3, 6)),
        ):
            self.assertEqual(span("today", NOW, zone).start, midnight)

    def test_the_same_time_on_another_day_is_what_the_clock_said(self):
        self.assertEqual(same_time(NOW, 7, CHICAGO), utc(2026, 10, 27, 15, 20, 30))
        self.assertEqual(same_time(NOW, 1, CHICAGO), utc(2026, 11, 2, 16, 20, 30))

    def test_the_last_hours_end_with_the_present_one(self):
        late = utc(2026, 11, 3, 17, 5)  # 22:50 in Kathmandu
        for zone, now, end in (
            (UTC_ZONE, NOW, utc(2026, 11, 3, 17)),
            (KOLKATA, NOW, utc(2026, 11, 3, 16, 30)),
            (KATHMANDU, NOW, utc(2026, 11, 3, 17)),
            (KATHMANDU, late, utc(2026, 11, 3, 18)),
        ):
            hours = last_hours(now, 24, zone)
            self.assertEqual((len(hours), hours[-1]), (25, end), zone)


class ChartTests(SimpleTestCase):
    def chart(self, *figures):
        bounds = last_days(NOW, len(figures), UTC_ZONE)
        return charts.days(bounds, list(figures), UTC_ZONE)

    def test_ticks_are_round_and_reach_over_the_highest_bar(self):
        for most, told in {0: (1, 1), 1: (1, 1), 5: (1, 5), 7: (2, 8), 303: (100, 400)}.items():
            self.assertEqual(charts.highest_tick(most), told, most)
        self.assertEqual(charts.highest_tick(1_234_567), (500_000, 1_500_000))

    def test_a_bar_is_answered_missed_and_other_on_top_of_each_other(self):
        (bar,) = self.chart(Figures(calls=10, answered=5, missed=3)).bars
        parts = [(part.kind, float(part.height), float(part.y)) for part in bar.parts]
        base = charts.TOP + charts.PLOT
        self.assertEqual(
            parts,
            [("answered", 75, base - 75), ("missed", 45, base - 120), ("other", 30, base - 150)],
        )
        self.assertEqual(bar.title, "Tue 03 Nov: 10 calls, 5 answered, 3 missed, 2 other")

    def test_no_calls_are_an_empty_picture(self):
        chart = self.chart(Figures(), Figures())
        self.assertEqual([bar.parts for bar in chart.bars], [[], []])
        self.assertEqual(chart.summary, "No calls.")

    def test_the_picture_is_told_in_words(self):
        chart = self.chart(Figures(calls=3, answered=2, missed=1), Figures(calls=7, answered=7))
        self.assertEqual(
            chart.summary,
            "10 calls, 9 answered, 1 missed; most in one day: 7 (Tue 03 Nov).",
        )

    def test_an_hour_that_comes_twice_has_two_bars(self):
        bounds = last_hours(utc(2026, 11, 1, 8, 30), 24, CHICAGO)
        names = [bar.name for bar in charts.hours(bounds, [Figures()] * 24, CHICAGO).bars]
        self.assertEqual(names[-3:-1], ["Sun 01:00 to 01:00", "Sun 01:00 to 02:00"])
