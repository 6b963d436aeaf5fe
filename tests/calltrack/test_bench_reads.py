"""`manage.py bench reads`: what it asks for is answered, and what it says of the figures."""

from collections import defaultdict
from io import StringIO
from itertools import chain
from xml.etree import ElementTree

from django.core.management import call_command
from django.test import SimpleTestCase, TestCase, skipUnlessDBFeature

from calls import filtersets
from calls.filtersets.desk import DeskCallFilterSet
from tests.bench import reads
from tests.bench.reads import picture, table
from webhooks.filtersets import DeliveryFilterSet

SIZES = (10_000, 1_000_000, 10_000_000)


def line(*medians):
    return {
        size: reads.Measured(took=[ms], own=[ms])
        for size, ms in zip(SIZES, medians, strict=True)
        if ms is not None
    }


FOUND = {
    ("Desk", "flat"): line(60, 80, 119),
    ("Desk", "dearer"): line(60, 80, 121),
    ("Desk", "quick"): line(1, 2, 50),
    ("API", "of many only"): line(None, 40, 49),
    ("API", "slow, of many only"): line(None, 40, 51),
}


class ToldTests(SimpleTestCase):
    def test_a_line_is_flat_at_twice_the_time_or_at_fifty_milliseconds(self):
        flat = [name for (_, name), of_sizes in FOUND.items() if table.is_flat(of_sizes, SIZES)]
        self.assertEqual(flat, ["flat", "quick", "of many only"])

    def test_each_group_tells_how_many_are_within_and_its_worst(self):
        told = table.markdown(FOUND, SIZES, 1, "A machine.")
        self.assertIn("3 of 5 lines", told)
        self.assertIn("| Desk | 2 of 3 | dearer | 60 (60) | 80 (80) | 121 (121) | 2.0 |", told)
        self.assertIn("| API | 1 of 2 | slow, of many only | – | 40 (40) | 51 (51) | – |", told)

    def test_the_picture_has_a_stroke_for_each_line_and_each_group(self):
        drawn = ElementTree.fromstring(picture.drawn(FOUND, SIZES))
        strokes = [one.get("class") for one in drawn.iter() if one.tag.endswith("polyline")]
        self.assertEqual(strokes, ["one", "beyond", "one", "one", "beyond", "group", "group"])

    def test_a_database_is_named_with_its_calls(self):
        self.assertEqual(reads.pair("10_000=postgres://a/b=c"), (10_000, "postgres://a/b=c"))
        with self.assertRaises(ValueError):
            reads.pair("postgres://a/b")


@skipUnlessDBFeature("has_native_uuid_field")  # PostgreSQL: what fill needs
class AskedTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        from tests.bench.reads import api, desk, freeclimb

        # So many that some recordings are of conferences, whatever the hour.
        call_command("fill", "--calls", "2000", "--days", "3", stdout=StringIO())
        cls.lines = [*desk.lines(2), *api.lines(2), *freeclimb.lines(2)]

    def test_every_line_is_answered(self):
        from tests.bench.reads import asking

        with asking.somebody() as (key, user):
            asker = asking.Asker(key, user)
            for one in self.lines:
                with self.subTest(one.name):
                    self.assertTrue(one.asked)
                    asker.ask(*one.asked[0])

    def test_every_filter_of_a_big_list_is_asked_for(self):
        asked = defaultdict(set)
        for address, parameters in chain.from_iterable(one.asked for one in self.lines):
            asked[address] |= stems(parameters)
        for address, filterset in {
            "/admin/calls/call/": DeskCallFilterSet,
            "/api/v1/calls": filtersets.CallFilterSet,
            "/api/v1/legs": filtersets.LegFilterSet,
            "/api/v1/conferences": filtersets.ConferenceFilterSet,
            "/api/v1/participants": filtersets.ParticipantFilterSet,
            "/api/v1/recordings": filtersets.RecordingFilterSet,
            "/api/v1/deliveries": DeliveryFilterSet,
        }.items():
            with self.subTest(address):
                also = {"begun_at"} if "admin" in address else set()  # what since and until are
                self.assertEqual(stems(filterset.base_filters) - asked[address] - also, set())


def stems(names):
    """Names of filters, however they compare: `begun_at` of `begun_at__gte`."""
    return {name.partition("__")[0] for name in names}
