"""Whatever writes calls notes what it changed, in the same transaction."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from calls import annotations, ledger
from calls.content import content
from calls.feed.notes import KINDS
from calls.models import Call, ChangeSet, Leg, Recording
from tests import factories
from tests.webhooks.door import ACCOUNT, Door, call_event, call_report
from tests.webhooks.lives import Lives
from tests.webhooks.test_inbox import buggy
from tests.webhooks.test_rebuild_spoiled import dialled
from webhooks import inbox
from webhooks.models import Delivery
from webhooks.rebuild import rebuild
from webhooks.simulator import accounts


def rows():
    return {
        (kind, row.pk.hex): (row.revision, content(row))
        for model, kind in KINDS.items()
        for row in model.objects.all()
    }


def words():
    """(kind, id) → all words noted of it, in order."""
    told = {}
    for changes in ChangeSet.objects.order_by("at").values_list("changes", flat=True):
        for kind, key, _, said in changes:
            told.setdefault((kind, key), []).extend(said)
    return told


class NoteTests(Door, TestCase):
    @contextmanager
    def noted(self, *, sets=None):
        """Everything that changes within is noted, and nothing else is; in so many sets."""
        before = rows()
        ChangeSet.objects.all().delete()
        yield
        after, told = rows(), words()
        about_rows = {key: said for key, said in told.items() if key[0] != "delivery"}
        changed = {key for key in before | after if before.get(key) != after.get(key)}
        self.assertEqual(changed - about_rows.keys(), set())
        for key in changed:
            expected = "created" if key not in before else "changed"
            self.assertIn(expected if key in after else "erased", about_rows[key])
        for kind, key, revision, said in (e for s in ChangeSet.objects.all() for e in s.changes):
            if "erased" not in said and kind != "delivery":
                self.assertLessEqual(revision, after[kind, key][0])
        if sets is not None:
            self.assertEqual(ChangeSet.objects.count(), sets)

    def call_words(self, call_id):
        return words().get(("call", Call.objects.get(provider_call_id=call_id).pk.hex))

    def test_a_calls_life(self):
        for event, said in (
            (call_event("inboundCall", callStatus="ringing", direction="inbound"), ["created"]),
            (call_event("getDigits", callStatus="inProgress"), ["changed", "answered"]),
            (call_event("callStatus", callStatus="completed"), ["changed", "over"]),
        ):
            with self.noted(sets=1):
                self.post_freeclimb(event)
                self.assertEqual(self.call_words(event["callId"]), said)

    def test_a_call_that_is_heard_of_when_it_is_over(self):
        with self.noted(sets=1):
            self.post_callerdesk(call_report())
            said = words()[("call", Call.objects.get().pk.hex)]
            self.assertEqual(said[0], "created")
            self.assertIn("over", said)
            recording = Recording.objects.first()
            self.assertEqual(words()["recording", recording.pk.hex], ["created", "ready"])

    def test_a_replay_notes_nothing(self):
        event = call_event("callStatus", callStatus="completed")
        stamp = int(now().timestamp())
        self.post_freeclimb(event, t=stamp)
        with self.noted(sets=0):
            self.post_freeclimb(event, t=stamp)

    def test_whole_lives_of_both_providers(self):
        endpoints = {"freeclimb": self.freeclimb, "callerdesk": self.callerdesk}
        lives = Lives(endpoints, seed="noted", account_id=ACCOUNT)
        for number in range(25):
            for request in lives.requests(number):
                with self.noted():
                    inbox.store([lives.delivery(request)])
        for model in KINDS:
            self.assertTrue(model.objects.exists(), model)

    def test_a_batch_takes_one_insert(self):
        endpoints = {"freeclimb": self.freeclimb, "callerdesk": self.callerdesk}
        lives = Lives(endpoints, seed="batch", account_id=ACCOUNT)
        deliveries = [lives.delivery(r) for number in range(6) for r in lives.requests(number)]
        with self.noted(), CaptureQueriesContext(connection) as captured:
            inbox.store(deliveries)
        asked = [query["sql"] for query in captured if "calls_changeset" in query["sql"]]
        inserts = [sql for sql in asked if sql.startswith("INSERT")]
        # The batch, and the look at parents that two batches may have changed together.
        self.assertLessEqual(len(inserts), 2)

    def test_a_leg_that_moves_is_erased_where_it_was(self):
        self.post_freeclimb(call_event("outDialStart", callId="CA2", direction="outboundDial"))
        gone = Leg.objects.get()
        with self.noted():
            self.post_freeclimb(dialled("CA2", "CA1"))
            self.assertEqual(words()["leg", gone.pk.hex], ["erased"])

    def test_a_loop_that_is_closed_notes_all_whose_place_changes(self):
        self.post_freeclimb(dialled("CA1", "CA2"))
        with self.noted():
            self.post_freeclimb(dialled("CA2", "CA1"))
            self.assertIn("changed", self.call_words("CA1"))
        Call.objects.update(flags=[])
        with self.noted(sets=1):
            ledger.settle_parents(Call.objects.values_list("pk", flat=True))

    def test_a_delivery_that_fails_is_noted_once(self):
        with buggy(), self.assertLogs("webhooks.inbox", "ERROR"):
            self.post_freeclimb(call_event("callStatus", callId="CARAISES"))
            self.post_freeclimb(call_event("callStatus", callId="CAPOISON"))
            failed = {("delivery", one.pk.hex): ["failed"] for one in Delivery.objects.all()}
            self.assertEqual(len(failed), 2)
            self.assertEqual(words(), failed)
            with self.noted(sets=0):
                inbox.process_again(list(Delivery.objects.select_related("endpoint__account")))
        with self.noted():
            inbox.process_again(list(Delivery.objects.select_related("endpoint__account")))
        self.assertTrue(Call.objects.exists())
        call = Call.objects.get(provider_call_id="CAPOISON")
        Delivery.objects.filter(subject=call.pk).delete()  # a rebuild could not write it either
        with buggy(), self.assertLogs("webhooks.inbox", "ERROR"), self.noted():
            rebuild(verify=False)
            told = {key for key in words() if key[0] == "delivery"}
        self.assertEqual(told, {("delivery", Delivery.objects.get().pk.hex)})

    def test_a_rebuild_notes_what_it_mends(self):
        self.post_freeclimb(dialled("CA2", "CA1"))
        self.post_callerdesk(call_report())
        with self.noted(sets=0):
            rebuild(verify=True)
        Call.objects.update(group_name="spoiled")
        Leg.objects.filter(side="b").update(connected_call=Call.objects.first().pk)
        Recording.objects.all().delete()
        with self.noted():
            rebuild(verify=False)
        self.assertFalse(rebuild(verify=True).different)

    def test_what_people_write_is_a_change_of_the_call(self):
        self.post_callerdesk(call_report())
        call, user = Call.objects.get(), factories.UserFactory()
        tag = annotations.tag_named("VIP")
        for write in (
            lambda: annotations.add_note(call, user, "Call back."),
            lambda: annotations.edit_note(call.notes.get().pk, user, "Call back on Monday."),
            lambda: annotations.set_tags(call, user, add=[tag]),
            lambda: annotations.set_tags(call, user, remove=[tag]),
            lambda: annotations.delete_note(call.notes.get().pk, user),
        ):
            ChangeSet.objects.all().delete()
            write()
            (one,) = ChangeSet.objects.get().changes
            self.assertEqual(one, ["call", call.pk.hex, call.revision, ["changed"]])

    def test_the_simulators_removal_erases(self):
        endpoint = accounts.own("freeclimb").endpoint
        lives = Lives({"freeclimb": endpoint}, account_id=endpoint.account.provider_account_id)
        at = now() - timedelta(hours=1)
        for number in range(4):
            for request in lives.requests(number):
                delivery = lives.delivery(request)
                delivery.received_at = at
                inbox.store([delivery])
        self.post_callerdesk(call_report())
        self.assertGreater(Call.objects.count(), 4)
        with self.noted():
            accounts.remove(lambda what, number: None)
        self.assertEqual(Call.objects.count(), 1)
