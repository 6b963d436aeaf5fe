from datetime import UTC, datetime

from django.template import Context, Template
from django.test import SimpleTestCase


class FormatTests(SimpleTestCase):
    def test_pages_show_seconds(self):
        moment = datetime(2026, 1, 31, 17, 4, 9, tzinfo=UTC)
        shown = Template("{{ moment }}").render(Context({"moment": moment}))
        self.assertEqual(shown, "2026-01-31 17:04:09")
