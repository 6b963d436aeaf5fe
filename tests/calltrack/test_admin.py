"""Nonsense in the address or the form of a list is answered with a list."""

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path

from calls.models import Call
from tests import factories
from tests.admin import AdminTestCase, address
from tests.calls.test_admin import FACTORIES
from webhooks.models import CallScript, Delivery

NONSENSE = ("\0", "no such thing", "9" * 30)


class NonsenseTests(AdminTestCase):
    def assert_a_list(self, model, **asked):
        page = self.client.get(address(model, "changelist"), asked, follow=True)
        self.assertEqual(page.status_code, 200)

    def test_no_value_of_a_filter_is_fatal(self):
        for model, factory in FACTORIES.items():
            factory()
            for name in (*admin.site._registry[model].list_filter, "id"):
                relation = get_fields_from_path(model, name)[-1].is_relation
                lookup = f"{name}__id__exact" if relation else f"{name}__exact"
                for value in NONSENSE:
                    with self.subTest(model, lookup=lookup, value=value):
                        self.assert_a_list(model, **{lookup: value})

    def test_no_value_that_was_never_offered_is_fatal(self):
        factories.CallFactory()
        for lookup in ("from_number", "from_number__in", "id__in", "begun_at__gte", "q", "p"):
            for value in NONSENSE:
                with self.subTest(lookup, value=value):
                    self.assert_a_list(Call, **{lookup: value})

    def test_an_action_on_what_is_no_id_changes_nothing_and_says_so(self):
        for model, action in ((Delivery, "process_again"), (CallScript, "delete_selected")):
            row = FACTORIES[model]()
            for chosen in (*NONSENSE, ""):
                with self.subTest(model, chosen=chosen):
                    given = {"action": action, "_selected_action": [row.pk, chosen], "post": "yes"}
                    page = self.client.post(address(model, "changelist"), given, follow=True)
                    self.assertContains(page, "is no id")
            self.assertTrue(model.objects.filter(pk=row.pk).exists())
