"""Saved views: named filters, one's own and shared ones, and the pins in the sidebar."""

from django.urls import reverse

from calls.models import SavedView, ViewPin
from tests import factories
from tests.admin import AdminTestCase, address

LIST = reverse("admin:calls_call_changelist")
SAVE = reverse("admin:calls_call_save_view")


class SavedViewTests(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.colleague = factories.UserFactory(may=["view_call"])

    def save(self, name="Missed", query="outcome=missed", **given):
        response = self.client.post(SAVE, {"name": name, "query": query, **given})
        self.assertEqual(response.status_code, 302)
        return response

    def change(self, view, what, expect=302, **given):
        url = reverse("admin:calls_call_change_view", kwargs={"pk": view.pk, "what": what})
        response = self.client.post(url, given)
        self.assertEqual(response.status_code, expect)
        return response

    def offered(self):
        return [view.name for view in self.open(LIST).context["saved_views"]]

    def pinned(self, url=LIST):
        return [view.name for view in self.open(url).context["pinned_views"]]

    def test_the_present_filter_is_kept_under_a_name(self):
        response = self.save(query="outcome=missed&group=&cursor=x&colour=red&status=busy")
        self.assertRedirects(response, f"{LIST}?outcome=missed&status=busy")
        view = SavedView.objects.get()
        self.assertEqual([view.name, view.query], ["Missed", "outcome=missed&status=busy"])
        self.assertContains(self.open(LIST), f'href="{LIST}?outcome=missed&amp;status=busy"')

    def test_the_same_name_again_replaces_it(self):
        self.save()
        self.save(query="outcome=failed", visibility="shared")
        view = SavedView.objects.get()
        self.assertEqual([view.query, view.visibility], ["outcome=failed", "shared"])

    def test_a_name_is_needed_and_has_an_end(self):
        for name in ("", "  ", "\x00", "x" * 61):
            with self.subTest(name):
                self.assertContains(self.client.get(self.save(name).url), "needs a name")
        self.assertFalse(SavedView.objects.exists())

    def test_a_private_one_is_mine_alone_a_shared_one_everybodys(self):
        self.save("Mine")
        self.save("Ours", visibility="shared")
        self.assertEqual(self.offered(), ["Mine", "Ours"])
        self.client.force_login(self.colleague)
        self.assertEqual(self.offered(), ["Ours"])
        self.assertContains(self.open(LIST), "shared by")

    def test_each_person_pins_for_themselves_and_the_pins_are_on_every_page(self):
        self.save("Ours", visibility="shared", pin="yes")
        view = SavedView.objects.get()
        self.assertEqual(self.pinned("/admin/"), ["Ours"])
        self.client.force_login(self.colleague)
        self.assertEqual(self.pinned(), [])
        for _ in range(2):
            self.change(view, "pin")
        self.assertEqual(self.pinned("/admin/live/"), ["Ours"])
        self.change(view, "unpin")
        self.assertEqual(self.pinned(), [])
        self.assertEqual(ViewPin.objects.count(), 1)

    def test_one_renames_and_deletes_ones_own_only(self):
        self.save("Ours", visibility="shared", pin="yes")
        view = SavedView.objects.get()
        self.client.force_login(self.colleague)
        for what in ("rename", "delete"):
            self.change(view, what, 403, name="Theirs")
        self.client.force_login(self.superuser)
        self.change(view, "rename", name="Still ours", query="status=busy")
        self.assertEqual(self.offered(), ["Still ours"])
        self.change(view, "delete")
        self.assertFalse(SavedView.objects.exists() or ViewPin.objects.exists())

    def test_a_rename_to_nothing_or_to_another_ones_name_is_refused(self):
        self.save("One")
        self.save("Two")
        view = SavedView.objects.get(name="One")
        for name in ("", "Two", "x" * 61):
            self.change(view, "rename", name=name)
        self.assertEqual(self.offered(), ["One", "Two"])

    def test_a_private_one_is_not_to_be_pinned_by_others(self):
        self.save("Mine")
        self.client.force_login(self.colleague)
        self.change(SavedView.objects.get(), "pin", 403)

    def test_who_sees_no_numbers_is_offered_no_view_with_one(self):
        self.save("By number", "q=9876543210", visibility="shared", pin="yes")
        self.save("Ends in", "q=3210", visibility="shared")
        self.save("Calls of +919876543210", "outcome=missed", visibility="shared")
        self.assertEqual(len(self.offered()), 3)
        self.client.force_login(self.colleague)
        ViewPin.objects.create(view=SavedView.objects.get(name="By number"), user=self.colleague)
        self.assertEqual(self.offered(), ["Ends in"])
        self.assertEqual(self.pinned(), [])
        self.assertNotContains(self.open(LIST), "9876543210")
        self.change(SavedView.objects.get(name="By number"), "pin", 403)

    def test_only_those_who_see_calls_keep_views_and_only_by_posting(self):
        self.save()
        self.assertEqual(self.client.get(SAVE).status_code, 405)
        self.client.force_login(factories.UserFactory())
        self.assertEqual(self.client.post(SAVE, {"name": "x"}).status_code, 403)
        self.change(SavedView.objects.get(), "pin", 403)
        self.assertEqual(self.open("/admin/").context["pinned_views"], [])

    def test_a_view_opens_the_list_that_was_saved(self):
        missed = factories.CallFactory(missed=True)
        factories.CallFactory()
        self.save(pin="yes")
        view = self.open("/admin/").context["pinned_views"][0]
        self.assertEqual(self.open(view.url).context["cl"].result_list, [missed])

    def test_the_admin_of_views_only_looks(self):
        self.save()
        view = SavedView.objects.get()
        self.assertEqual(self.listed(SavedView), [view])
        self.open_row(view)
        for page in ("add",), ("delete", view.pk):
            self.assertEqual(self.client.get(address(SavedView, *page)).status_code, 403)

    def test_the_admin_of_views_shows_nobody_elses_and_no_numbers(self):
        self.save("Mine")
        self.save("By number", "q=9876-5", visibility="shared", pin="yes")
        ours = self.save("Ours", "q=3210", visibility="shared") and SavedView.objects.last()
        self.client.force_login(factories.UserFactory(may=["view"]))
        self.assertEqual(self.listed(SavedView), [ours])
        self.assertEqual(self.listed(ViewPin), [])
        hidden = address(SavedView, "change", SavedView.objects.get(name="By number").pk)
        self.assertEqual(self.client.get(hidden).status_code, 302)
