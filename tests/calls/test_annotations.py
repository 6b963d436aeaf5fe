"""What people write on calls: kept with its history, and never lost to somebody else's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test import TestCase, TransactionTestCase
from django.utils.html import escape

from calls import annotations
from calls.models import CallChange, CallDisposition, CallNote, CallTag, Disposition, Tag
from tests import factories
from tests.admin import AdminTestCase, address


def changes(call):
    return [
        (one.kind, one.author_name, one.before, one.after)
        for one in CallChange.objects.filter(call=call)
    ]


class WriterTests(TestCase):
    def setUp(self):
        self.call = factories.CallFactory()
        self.asha = factories.UserFactory(username="asha")
        self.dev = factories.UserFactory(username="dev")

    def test_a_notes_life_is_in_the_history(self):
        note = annotations.add_note(self.call, self.asha, "Wants a quote")
        annotations.edit_note(note.pk, self.asha, "Wants two quotes")
        annotations.edit_note(note.pk, self.asha, "Wants two quotes")
        annotations.delete_note(note.pk, self.asha)
        self.assertEqual(
            changes(self.call),
            [
                ("note_added", "asha", "", "Wants a quote"),
                ("note_edited", "asha", "Wants a quote", "Wants two quotes"),
                ("note_deleted", "asha", "Wants two quotes", ""),
            ],
        )
        self.assertFalse(CallNote.objects.exists())

    def test_a_note_is_its_authors_and_a_superusers(self):
        note = annotations.add_note(self.call, self.asha, "Mine")
        for act in (
            lambda user: annotations.edit_note(note.pk, user, "Yours"),
            lambda user: annotations.delete_note(note.pk, user),
        ):
            with self.assertRaises(annotations.NotYours):
                act(self.dev)
        boss = factories.UserFactory(is_superuser=True)
        annotations.edit_note(note.pk, boss, "Ours")
        self.assertEqual(CallNote.objects.get().text, "Ours")
        self.assertEqual(CallNote.objects.get().author_name, "asha")

    def test_tags_change_one_by_one(self):
        hot, cold = (Tag.objects.create(name=name) for name in ("hot", "cold"))
        annotations.set_tags(self.call, self.asha, add=[hot])
        annotations.set_tags(self.call, self.dev, add=[hot, cold])
        annotations.set_tags(self.call, self.dev, remove=[hot])
        annotations.set_tags(self.call, self.asha, remove=[hot])
        self.assertEqual([one.tag for one in CallTag.objects.all()], [cold])
        self.assertEqual(
            changes(self.call),
            [
                ("tag_added", "asha", "", "hot"),
                ("tag_added", "dev", "", "cold"),
                ("tag_removed", "dev", "hot", ""),
            ],
        )

    def test_a_tag_is_the_same_in_any_case(self):
        self.assertEqual(annotations.tag_named("VIP"), annotations.tag_named("vip"))
        self.assertEqual(Tag.objects.count(), 1)

    def test_a_disposition_is_set_changed_and_taken_back(self):
        sold, lost = (Disposition.objects.create(name=name) for name in ("Sold", "Lost"))
        for wanted in (sold, sold, lost, None, None):
            annotations.set_disposition(self.call, self.asha, wanted)
        self.assertEqual(
            [(before, after) for _, _, before, after in changes(self.call)],
            [("", "Sold"), ("Sold", "Lost"), ("Lost", "")],
        )
        self.assertFalse(CallDisposition.objects.exists())

    def test_a_change_that_cannot_be_kept_is_not_made(self):
        class Nobody:
            pk = None

            def get_username(self):
                raise RuntimeError("no name")

        with self.assertRaises(RuntimeError):
            annotations.set_tags(self.call, Nobody(), add=[Tag.objects.create(name="hot")])
        self.assertFalse(CallTag.objects.exists())


@pytest.mark.django_db(transaction=True)
class ConcurrencyTests(TransactionTestCase):
    """Several people at once, each with a connection of their own."""

    def at_once(self, *acts):
        barrier = Barrier(len(acts))

        def run(act):
            try:
                connection.ensure_connection()
                barrier.wait(10)
                return act()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(acts)) as pool:
            return [one.result(30) for one in [pool.submit(run, act) for act in acts]]

    def test_nobodys_words_are_lost(self):
        call = factories.CallFactory()
        people = [factories.UserFactory() for _ in range(4)]
        outcomes = [Disposition.objects.create(name=f"Outcome {n}") for n in range(4)]
        tags = [Tag.objects.create(name=f"tag {n}") for n in range(4)]
        note = annotations.add_note(call, people[0], "first")
        self.at_once(
            *(
                lambda user=user, n=n: annotations.set_disposition(call, user, outcomes[n])
                for n, user in enumerate(people)
            ),
            *(
                lambda user=user, n=n: annotations.set_tags(
                    call, user, add=[tags[n], tags[(n + 1) % 4]]
                )
                for n, user in enumerate(people)
            ),
            *(
                lambda n=n: annotations.edit_note(note.pk, people[0], f"version {n}")
                for n in range(4)
            ),
        )
        self.assertEqual(CallTag.objects.count(), 4)
        kept = changes(call)
        self.assertEqual(sum(kind == "tag_added" for kind, *_ in kept), 4)
        for kind, last in (
            ("disposition_set", str(CallDisposition.objects.get().disposition)),
            ("note_edited", CallNote.objects.get().text),
        ):
            with self.subTest(kind):
                links = [(before, after) for one, _, before, after in kept if one == kind]
                self.assertEqual(len(links), 4)
                self.assertEqual(_chain("first" if kind == "note_edited" else "", links), last)


def _chain(begin, links):
    """The end of a chain in which each link begins where another one ended."""
    after = dict(links)
    while begin in after:
        begin = after.pop(begin)
    return begin if not after else f"broken: {after}"


class FormTests(AdminTestCase):
    def setUp(self):
        self.call = factories.CallFactory()
        self.operator = factories.UserFactory(
            username="asha", may=["view_call", "annotate_call", "see_full_numbers"]
        )
        self.client.force_login(self.operator)

    def send(self, name, *args, **given):
        url = f"/admin/calls/call/{self.call.pk}/{name}/"
        return self.client.post(url, given)

    def test_a_note_is_added_and_shown_escaped(self):
        response = self.send("notes", text=" <b>Call back</b> ")
        self.assertRedirects(
            response, address(type(self.call), "change", self.call.pk) + "#written"
        )
        self.assertContains(self.open_row(self.call), escape("<b>Call back</b>"))
        self.assertEqual(CallNote.objects.get().author, self.operator)

    def test_an_empty_note_is_refused_in_words(self):
        page = self.client.post(
            f"/admin/calls/call/{self.call.pk}/notes/", {"text": "  "}, follow=True
        )
        self.assertContains(page, "Text: This field is required.")
        self.assertFalse(CallNote.objects.exists())

    def test_a_note_is_edited_and_deleted_by_its_author(self):
        self.send("notes", text="One")
        note = CallNote.objects.get()
        self.send(f"notes/{note.pk}", text="Two")
        self.assertEqual(CallNote.objects.get().text, "Two")
        self.client.force_login(factories.UserFactory(may=["view_call", "annotate_call"]))
        self.assertEqual(self.send(f"notes/{note.pk}", text="Three").status_code, 403)
        self.assertEqual(self.send(f"notes/{note.pk}/delete").status_code, 403)
        self.client.force_login(self.operator)
        self.send(f"notes/{note.pk}/delete")
        self.assertFalse(CallNote.objects.exists())

    def test_a_note_belongs_to_its_call(self):
        self.send("notes", text="One")
        note = CallNote.objects.get()
        self.call = factories.CallFactory()
        self.assertEqual(self.send(f"notes/{note.pk}/delete").status_code, 404)

    def test_who_may_only_look_writes_nothing(self):
        self.look_only()
        for name in ("notes", "tags", "disposition"):
            with self.subTest(name):
                self.assertEqual(self.send(name, text="x").status_code, 403)
        self.assertNotContains(self.open_row(self.call), "Add note")
        self.assertFalse(CallChange.objects.exists())

    def test_a_form_from_elsewhere_is_refused(self):
        self.client.handler.enforce_csrf_checks = True
        try:
            self.assertEqual(self.send("notes", text="x").status_code, 403)
        finally:
            self.client.handler.enforce_csrf_checks = False

    def test_tags_that_others_put_on_meanwhile_stay(self):
        hot, cold, new = (Tag.objects.create(name=name) for name in ("hot", "cold", "new"))
        annotations.set_tags(self.call, self.operator, add=[hot])
        annotations.set_tags(self.call, self.superuser, add=[cold])  # after the page was opened
        self.send("tags", tags=[new.pk], shown=[hot.pk])
        self.assertEqual({one.tag for one in CallTag.objects.all()}, {cold, new})

    def test_a_new_tag_takes_the_permission_to_make_one(self):
        self.assertEqual(self.send("tags", new="VIP").status_code, 403)
        self.client.force_login(
            factories.UserFactory(may=["view_call", "annotate_call", "add_tag"])
        )
        self.send("tags", new="VIP")
        self.assertEqual(CallTag.objects.get().tag.name, "VIP")

    def test_tags_are_offered_by_name(self):
        tag = Tag.objects.create(name="VIP")
        page = self.open_row(self.call)
        self.assertContains(
            page, f'<input type="checkbox" name="tags" value="{tag.pk}"> VIP', html=False
        )

    def test_a_disposition_out_of_use_is_not_offered(self):
        Disposition.objects.create(name="Sold")
        gone = Disposition.objects.create(name="Faxed", active=False)
        page = self.open_row(self.call)
        self.assertContains(page, "Sold")
        self.assertNotContains(page, "Faxed")
        self.send("disposition", disposition=gone.pk)
        self.assertFalse(CallDisposition.objects.exists())

    def test_the_history_says_who_and_what(self):
        self.send("notes", text="One")
        self.send("disposition", disposition=Disposition.objects.create(name="Sold").pk)
        page = self.open_row(self.call)
        self.assertContains(page, "History (2)")
        self.assertContains(page, "<ins>Sold</ins>", html=True)

    def test_numbers_in_notes_are_not_for_every_eye_and_not_overwritten(self):
        self.send("notes", text="Call +13125550177 instead")
        note = CallNote.objects.get()
        blind = factories.UserFactory(is_staff=True, may=["view", "annotate_call"])
        CallNote.objects.update(author=blind)
        self.client.force_login(blind)
        page = self.open_row(self.call)
        self.assertNotContains(page, "3125550177")
        self.assertContains(page, "0177 instead")
        self.assertEqual(self.send(f"notes/{note.pk}", text="x").status_code, 403)
        for model in (CallNote, CallChange):
            self.assertNotContains(self.open_list(model), "3125550177")
            self.assertNotContains(self.open_row(model.objects.get()), "3125550177")
