"""`Idempotency-Key`: the same again is done once and answered the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from unittest import mock

import pytest
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.utils.timezone import now

from calls import annotations, api_keys, idempotency
from calls.models import CallChange, CallNote, Disposition, IdempotentAnswer, Tag
from tests import factories
from webhooks.jobs import JOBS, RECURRING

from .writing import WritingTestCase

REPLAYED = "Idempotent-Replayed"


class IdempotencyTests(WritingTestCase):
    def setUp(self):
        super().setUp()
        self.notes = f"calls/{self.call.pk}/notes"

    def note(self, text="Words", key="key 1", expect=201, **more):
        return self.send("post", self.notes, {"text": text}, expect=expect, key=key, **more)

    def test_the_same_again_is_done_once_and_answered_alike(self):
        first, again = self.note(), self.note()
        self.assertEqual(again.json(), first.json())
        self.assertEqual((again.status_code, again["Location"]), (201, first["Location"]))
        self.assertNotIn(REPLAYED, first)
        self.assertEqual(again[REPLAYED], "true")
        self.assertEqual(CallNote.objects.count(), 1)
        self.note(key="key 2")
        self.assertEqual(CallNote.objects.count(), 2)

    def test_another_request_with_the_same_key_is_refused(self):
        note = self.note().json()
        where = f"{self.notes}/{note['id']}"
        other = f"calls/{factories.CallFactory().pk}/notes"
        for method, path, body in (
            ("post", self.notes, {"text": "Other words"}),
            ("post", other, {"text": "Words"}),
            ("post", f"{self.notes}?fields=id", {"text": "Words"}),
            ("patch", where, {"text": "Words"}),
            ("delete", where, None),
        ):
            with self.subTest(path=path, method=method):
                response = self.send(method, path, body, expect=422, key="key 1")
                self.assertEqual(response["Content-Type"], "application/problem+json")
        self.assertEqual(list(CallNote.objects.values_list("text", flat=True)), ["Words"])

    def test_every_kind_of_write_honours_it(self):
        Disposition.objects.create(name="Sold")
        where = f"{self.notes}/{self.note().json()['id']}"
        base = f"calls/{self.call.pk}"
        writes = [
            ("patch", where, {"text": "New"}, 200),
            ("delete", where, None, 204),
            ("put", f"{base}/tags/VIP", None, 201),
            ("delete", f"{base}/tags/VIP", None, 204),
            ("put", f"{base}/disposition", {"name": "Sold"}, 200),
            ("delete", f"{base}/disposition", None, 204),
        ]
        for number, (method, path, body, status) in enumerate(writes):
            with self.subTest(path=path, method=method):
                first = self.send(method, path, body, expect=status, key=f"write {number}")
                kept = CallChange.objects.count()
                again = self.send(method, path, body, expect=status, key=f"write {number}")
                self.assertEqual(again.content, first.content)
                self.assertEqual(again[REPLAYED], "true")
                self.assertEqual(CallChange.objects.count(), kept)

    def test_keys_of_others_have_nothing_to_do_with_it(self):
        first = self.note().json()
        other = self.note(headers=self.headers_of("annotations:write", "calls:read")).json()
        asha = self.person(username="asha", may=["view_call", "annotate_call"])
        persons = self.note(headers={}).json()
        self.client.force_login(factories.UserFactory(may=["view_call", "annotate_call"]))
        self.assertNotEqual(self.note(headers={}).json()["id"], persons["id"])
        self.assertEqual(len({first["id"], other["id"], persons["id"]}), 3)
        self.client.force_login(asha)
        self.assertEqual(self.note(headers={}).json(), persons)

    def test_another_key_of_the_same_integration_gets_the_same_answer(self):
        _, text = api_keys.add(self.key.integration)
        again = self.note(headers={"Authorization": f"Bearer {text}"})
        self.assertEqual(self.note().json(), again.json())
        self.assertEqual(CallNote.objects.count(), 1)

    def test_what_was_refused_may_be_corrected_and_sent_again(self):
        self.note(text="", expect=400)
        self.note(text="Words")
        self.assertFalse(IdempotentAnswer.objects.exclude(status=201).exists())

    def test_what_a_refused_write_began_is_undone(self):
        def begins(call, by, text):
            annotations.set_tags(call, factories.UserFactory(), add=[Tag.objects.create(name="x")])
            raise OSError("no more")

        self.client.raise_request_exception = False
        with mock.patch.object(annotations, "add_note", begins):
            self.note(expect=500)
        self.assertFalse(Tag.objects.exists())
        self.assertFalse(IdempotentAnswer.objects.exists())
        self.note()

    def test_strangers_and_those_who_may_not_leave_nothing_behind(self):
        self.note(expect=401, headers={"Authorization": "Bearer none"})
        self.note(expect=403, headers=self.headers_of("calls:read"))
        self.assertFalse(IdempotentAnswer.objects.exists())

    def test_keys_that_are_none(self):
        for key in ("", " ", "x" * 256, "tab\there", "ünï", "\x7f"):
            with self.subTest(key=key):
                self.note(key=key, expect=400)
        self.assertFalse(CallNote.objects.exists())
        self.note(key="x" * 255)

    def test_reading_passes_the_key_by(self):
        for _ in range(2):
            response = self.send("get", self.notes, key="key 1")
            self.assertNotIn(REPLAYED, response)
        self.note()

    def test_a_number_that_is_no_longer_theirs_to_see_is_masked_in_what_is_kept(self):
        self.assertIn("5550177", self.note("Call +13125550177").json()["text"])
        scopes = [scope for scope in self.scopes if scope != "numbers:full"]
        type(self.key.integration).objects.update(scopes=scopes)
        again = self.note("Call +13125550177").json()
        self.assertEqual(again["text"], "Call +1••••••0177")

    def test_answers_are_forgotten_after_a_day(self):
        self.note(key="old")
        self.note(key="new")
        old = IdempotentAnswer.objects.earliest("created_at")
        old.created_at = now() - idempotency.KEPT - timedelta(minutes=1)
        old.save()
        progress = mock.Mock(done=0)
        progress.save.side_effect = lambda done: setattr(progress, "done", done)
        JOBS["forget_answers"](progress)
        self.assertEqual(progress.done, 1)
        self.assertNotIn(REPLAYED, self.note(key="old"))
        self.assertIn(REPLAYED, self.note(key="new"))
        self.assertIn("forget_answers", RECURRING)


@pytest.mark.django_db(transaction=True)
class AtOnceTests(TransactionTestCase):
    """Two real threads, each with a connection of its own."""

    def setUp(self):
        _, text = api_keys.create("a test", ["annotations:write", "calls:read", "numbers:full"])
        self.headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": "key 1"}
        self.call = factories.CallFactory()
        self.client.get("/api/v1/calls", headers=self.headers)  # its use is noted once a minute

    def post(self, text="Words"):
        try:
            return Client().post(
                f"/api/v1/calls/{self.call.pk}/notes",
                {"text": text},
                content_type="application/json",
                headers=self.headers,
            )
        finally:
            connections.close_all()

    def at_once(self, number):
        barrier = Barrier(number)

        def run():
            barrier.wait(10)
            return self.post()

        with ThreadPoolExecutor(number) as pool:
            return [one.result(60) for one in [pool.submit(run) for _ in range(number)]]

    def test_one_of_them_does_it_and_all_get_its_answer(self):
        answers = self.at_once(6)
        self.assertEqual({one.status_code for one in answers}, {201})
        self.assertEqual(len({one.content for one in answers}), 1)
        self.assertEqual(sum(REPLAYED in one for one in answers), 5)
        self.assertEqual(CallNote.objects.count(), 1)

    def held(self):
        """(the first request under way in its transaction, what lets it end)."""
        inside, go_on = Event(), Event()
        real = annotations.add_note

        def slowly(*args):
            note = real(*args)
            inside.set()
            go_on.wait(60)
            return note

        patch = mock.patch.object(annotations, "add_note", slowly)
        patch.start()
        self.addCleanup(patch.stop)
        pool = ThreadPoolExecutor(1)
        self.addCleanup(pool.shutdown)
        self.addCleanup(go_on.set)
        first = pool.submit(self.post)
        self.assertTrue(inside.wait(30))
        return first, go_on

    def test_who_waited_long_enough_is_asked_to_come_again(self):
        if connection.vendor != "postgresql":
            self.skipTest("SQLite has one writer: the second one waits for its turn")
        first, go_on = self.held()
        with mock.patch.object(idempotency, "PATIENCE_MS", 50):
            second = self.post()
        self.assertEqual((second.status_code, second["Retry-After"]), (409, "1"))
        go_on.set()
        self.assertEqual(first.result(30).status_code, 201)
        third = self.post()
        self.assertEqual((third.json(), third[REPLAYED]), (first.result().json(), "true"))
        self.assertEqual(CallNote.objects.count(), 1)
