"""A parameter without a value is a value that somebody lost."""

from tests import factories
from tests.api import ApiTestCase


class EmptyValueTests(ApiTestCase):
    def test_a_parameter_without_a_value_is_refused_by_its_name(self):
        factories.CallFactory()
        for name in ("number", "begun_at__gte", "status", "fields", "cursor"):
            with self.subTest(name):
                (fault,) = self.get("calls/", expect=400, **{name: ""})["errors"]
                self.assertEqual(fault["parameter"], name)
