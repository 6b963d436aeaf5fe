"""Notes through the API: one's own, and nobody else's."""

from uuid import uuid4

from calls import annotations
from calls.models import CallChange, CallNote, ChangeSet, Integration
from tests import factories

from .writing import WritingTestCase

NUMBER = "+13125550177"
BLIND = ("calls:read", "annotations:write")


class NoteTests(WritingTestCase):
    def setUp(self):
        super().setUp()
        self.notes = f"calls/{self.call.pk}/notes"

    def write(self, text="Wants a quote", **more):
        return self.send("post", self.notes, {"text": text}, expect=201, **more)

    def test_a_notes_life(self):
        made = self.write(" Wants a quote ")
        note = made.json()
        self.assertEqual(
            (note["text"], note["author_name"], note["author_kind"], note["edited_at"]),
            ("Wants a quote", "a test", "integration", None),
        )
        self.assertEqual(note["call"], str(self.call.pk))
        self.assertEqual(note["integration"], str(self.key.integration_id))
        where = made["Location"].removeprefix("/api/v1/")
        self.assertEqual(self.get(where), note)
        changed = self.send("patch", where, {"text": "Wants two"}).json()
        self.assertEqual(changed["text"], "Wants two")
        self.assertIsNotNone(changed["edited_at"])
        self.assertEqual(self.send("patch", where, {}).json(), changed)
        self.assertEqual(self.get(self.notes)["results"], [changed])
        self.assertEqual(self.send("delete", where, expect=204).content, b"")
        self.get(where, expect=404)
        kept = CallChange.objects.values_list("kind", "author_name", "author", "before", "after")
        self.assertEqual(
            list(kept),
            [
                ("note_added", "a test", None, "", "Wants a quote"),
                ("note_edited", "a test", None, "Wants a quote", "Wants two"),
                ("note_deleted", "a test", None, "Wants two", ""),
            ],
        )

    def test_each_change_is_noted_for_the_feed(self):
        where = self.write()["Location"].removeprefix("/api/v1/")
        self.send("patch", where, {"text": "Two"})
        self.send("delete", where, expect=204)
        entry = ["call", self.call.pk.hex, self.call.revision, ["changed"]]
        self.assertEqual([one.changes for one in ChangeSet.objects.all()], [[entry]] * 3)

    def test_the_list_is_newest_first_and_of_this_call(self):
        for text in ("one", "two", "three"):
            self.write(text)
        other = factories.CallFactory()
        self.send("post", f"calls/{other.pk}/notes", {"text": "else"}, expect=201)
        page = self.get(self.notes, page_size=2)
        self.assertEqual([one["text"] for one in page["results"]], ["three", "two"])
        self.assertIsNotNone(page["next"])

    def test_all_faults_at_once_and_what_nobody_reads_is_named(self):
        wrong = {"text": "x" * 5_001, "colour": "red", "author": "me"}
        faults = self.faults(self.send("post", self.notes, wrong, expect=400))
        self.assertEqual(faults.keys(), {"/text", "/colour", "/author"})
        self.assertEqual(faults["/colour"], "Unknown field.")
        for text in ("", "  ", None, 5, True, ["a"], {"a": 1}, "nul \0 within", "\ud800"):
            with self.subTest(text=text):
                told = self.faults(self.send("post", self.notes, {"text": text}, expect=400))
                self.assertEqual(list(told), ["/text"])
        for body in ([], "text", 5, None):
            with self.subTest(body=body):
                self.send("post", self.notes, body if body is not None else b"null", expect=400)
        for body in (b"{", b"\xff", b'{"text": NaN}', b"[" * 200_000):
            with self.subTest(body=body[:20]):
                self.send("post", self.notes, body, expect=400)
        self.assertFalse(CallNote.objects.exists())

    def test_five_thousand_characters_are_taken(self):
        self.write("ü" * 5_000)
        self.assertEqual(CallNote.objects.get().text, "ü" * 5_000)

    def test_a_body_beyond_the_limit_is_too_large(self):
        self.send("post", self.notes, b" " * 3_000_000, expect=413)

    def test_a_form_is_no_body(self):
        response = self.client.post(
            f"/api/v1/{self.notes}", {"text": "x"}, headers=self.headers | {"Idempotency-Key": "1"}
        )
        self.assertEqual(response.status_code, 415)

    def test_what_is_not_there_is_not_found(self):
        note = self.write().json()["id"]
        other = factories.CallFactory()
        for call in (uuid4(), "nonsense"):
            self.get(f"calls/{call}/notes", expect=404)
            self.send("post", f"calls/{call}/notes", {"text": "x"}, expect=404)
        for path in (f"{self.notes}/{uuid4()}", f"calls/{other.pk}/notes/{note}"):
            self.get(path, expect=404)
            self.send("patch", path, {"text": "x"}, expect=404)
            self.send("delete", path, expect=404)

    def test_a_note_is_not_replaced(self):
        where = self.write()["Location"].removeprefix("/api/v1/")
        self.send("put", where, {"text": "x"}, expect=405)


class WhoseNoteTests(WritingTestCase):
    def setUp(self):
        super().setUp()
        self.notes = f"calls/{self.call.pk}/notes"

    def refused(self, note, headers=None):
        path = f"{self.notes}/{note.pk}"
        before = CallNote.objects.get(pk=note.pk).text
        self.send("patch", path, {"text": "Mine now"}, expect=403, headers=headers)
        self.send("delete", path, expect=403, headers=headers)
        self.assertEqual(CallNote.objects.get(pk=note.pk).text, before)

    def note_of(self, by):
        return annotations.add_note(self.call, by, "Words")

    def test_of_another_integration(self):
        note = self.note_of(self.key.integration)
        self.refused(note, self.headers_of(*BLIND))

    def test_a_second_key_of_the_same_integration_may(self):
        from calls import api_keys

        note = self.note_of(self.key.integration)
        _, text = api_keys.add(self.key.integration)
        headers = {"Authorization": f"Bearer {text}"}
        self.send("delete", f"{self.notes}/{note.pk}", expect=204, headers=headers)

    def test_of_a_person_who_is_there_or_gone(self):
        asha = factories.UserFactory()
        note = self.note_of(asha)
        self.refused(note)
        asha.delete()
        self.refused(note)
        self.assertIsNone(self.get(f"{self.notes}/{note.pk}")["author_kind"])

    def test_of_an_integration_that_is_gone(self):
        note = self.note_of(other := Integration.objects.create(name="old", scopes=[]))
        other.delete()
        self.refused(note)

    def test_people_write_their_own_and_a_superuser_all(self):
        machines = self.note_of(self.key.integration)
        self.person(may=["view_call", "annotate_call"])
        made = self.send("post", self.notes, {"text": "By hand"}, expect=201, headers={}).json()
        self.assertEqual((made["author_kind"], made["integration"]), ("person", None))
        self.send("patch", f"{self.notes}/{made['id']}", {"text": "Mine"}, headers={})
        self.refused(machines, headers={})
        self.refused(self.note_of(factories.UserFactory()), headers={})
        self.person(is_superuser=True)
        self.send("delete", f"{self.notes}/{machines.pk}", expect=204, headers={})

    def test_it_takes_the_scope_or_the_permission(self):
        note = self.note_of(self.key.integration)
        reader = self.headers_of("calls:read", "numbers:full")
        self.assertEqual(len(self.client.get(f"/api/v1/{self.notes}", headers=reader).json()), 3)
        looker = self.person(may=["view_call"])
        for headers in (reader, {}):
            self.refused(note, headers)
            self.send("post", self.notes, {"text": "x"}, expect=403, headers=headers)
        self.assertEqual(
            looker.username, self.client.get("/api/v1/calls").wsgi_request.user.username
        )
        self.client.logout()
        self.send("post", self.notes, {"text": "x"}, expect=401, headers={})

    def test_a_session_needs_its_token(self):
        self.client.handler.enforce_csrf_checks = True
        self.person(may=["view_call", "annotate_call"])
        try:
            self.send("post", self.notes, {"text": "x"}, expect=403, headers={})
        finally:
            self.client.handler.enforce_csrf_checks = False


class HiddenNumberTests(WritingTestCase):
    def test_numbers_are_masked_in_answers_and_not_overwritten(self):
        notes = f"calls/{self.call.pk}/notes"
        blind = self.headers_of(*BLIND)
        made = self.send(
            "post", notes, {"text": f"Call {NUMBER}"}, expect=201, headers=blind, key="1"
        )
        again = self.send(
            "post", notes, {"text": f"Call {NUMBER}"}, expect=201, headers=blind, key="1"
        )
        for response in (made, again):
            self.assertEqual(response.json()["text"], "Call +1••••••0177")
        where = made["Location"].removeprefix("/api/v1/")
        self.assertEqual(self.client.get(made["Location"], headers=blind).json(), made.json())
        self.send("patch", where, {"text": "Call +1••••••0177!"}, expect=403, headers=blind)
        self.assertEqual(CallNote.objects.get().text, f"Call {NUMBER}")
        self.send("delete", where, expect=204, headers=blind)
