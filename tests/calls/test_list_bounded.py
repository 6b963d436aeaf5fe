"""How far a page of the desk's list looks for what matches rarely."""

from django.test import override_settings
from django.utils import timezone

from calls.choices import Direction
from calls.models import Call
from tests import factories
from tests.admin import AdminTestCase

ASKED = {"period": "31d", "direction": "outbound"}


@override_settings(ROWS_A_PAGE_LOOKS_AT=10)
class BoundedListTests(AdminTestCase):
    """25 conversations of today; the 3rd and the 22nd from the newest are outbound."""

    def setUp(self):
        super().setUp()
        today, account = timezone.now(), factories.AccountFactory()
        for _ in range(25):
            factories.CallFactory(account=account, begun_at=today)
        newest_first = list(Call.objects.order_by("-begun_at", "-id"))
        self.rare = [newest_first[2], newest_first[21]]
        keys = [call.pk for call in self.rare]
        Call.objects.filter(pk__in=keys).update(direction=Direction.OUTBOUND)

    def page(self, url, **asked):
        return self.client.get(url, asked)

    def test_it_shows_what_it_found_says_at_least_and_leads_on(self):
        first = self.page("/admin/calls/call/", **ASKED)
        self.assertEqual(first.context["cl"].result_list, self.rare[:1])
        self.assertEqual(str(first.context["count"]), "1+")
        second = self.page("/admin/calls/call/" + first.context["pager"].older_url)
        self.assertEqual(second.context["cl"].result_list, [])
        self.assertContains(second, "Look further back")
        third = self.page("/admin/calls/call/" + second.context["pager"].older_url)
        self.assertEqual(third.context["cl"].result_list, self.rare[1:])
        self.assertEqual(third.context["pager"].older_url, "")

    def test_an_index_of_its_own_leads_to_all_of_them(self):
        Call.objects.filter(pk__in=[call.pk for call in self.rare]).update(missed=True)
        page = self.page("/admin/calls/call/", period="31d", missed="true")
        self.assertEqual(page.context["cl"].result_list, self.rare)
        self.assertEqual(str(page.context["count"]), "2")
