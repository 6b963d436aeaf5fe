"""What a command cannot use it refuses in one line, and nothing is changed."""

from io import StringIO
from unittest import mock

from django.core.management import CommandError
from django.test import TestCase

from tests.webhooks.commands import run
from tests.webhooks.door import Door
from tests.webhooks.test_freeclimb_percl import UNSTORABLE
from webhooks.management.commands import process_deliveries
from webhooks.models import CallScript, State

NEVER_STORED = ("a\0b", "a\udcff")  # a byte that is no UTF-8 comes in as the latter


class RefusalTests(Door, TestCase):
    def refused(self, name, *args, **options):
        with self.assertRaises(CommandError) as caught:
            run(name, *args, **options)
        told = str(caught.exception)
        self.assertEqual(len(told.splitlines()), 1 if "would fail" not in told else 2)
        return told

    def set_script(self, text='[{"Hangup": {}}]', **options):
        options = {"endpoint": str(self.freeclimb.id), "request_type": "inboundCall"} | options
        with mock.patch("sys.stdin", StringIO(text)):
            told = self.refused("set_call_script", "-", **options)
        self.assertFalse(CallScript.objects.exists())
        return told

    def test_a_script_that_no_database_would_take(self):
        for text, said in UNSTORABLE.items():
            with self.subTest(text[:40]):
                self.assertIn(said, self.set_script(text))

    def test_an_endpoint_that_no_name_could_be(self):
        for text in NEVER_STORED:
            with self.subTest(ascii(text)):
                self.assertIn("no endpoints", self.refused("rotate_endpoint", id=text, new_token=1))

    def test_a_batch_of_no_size_or_of_more_than_fits(self):
        for size in (0, -1, 10_001, 10**20):
            self.assertIn("10,000", self.refused("process_deliveries", batch_size=size))
        run("process_deliveries", batch_size=10_000)

    def test_a_kind_that_is_never_stored_is_the_kind_of_no_delivery(self):
        for text in NEVER_STORED:
            told, _ = run("process_deliveries", state=State.PROCESSED, kind=text)
            self.assertIn("0 deliveries", told)

    def test_processing_again_is_not_offered_where_only_a_rebuild_helps(self):
        self.assertIn("time zone use rebuild", process_deliveries.Command.help)
