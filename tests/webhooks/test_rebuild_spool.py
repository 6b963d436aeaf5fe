"""What a rebuild keeps on disk: nothing is lost on the way, however small the pieces."""

from unittest import mock

from django.test import SimpleTestCase, TestCase, TransactionTestCase

from calls import ledger
from calls.facts import CallFact
from calls.keys import account_key, call_key
from calls.models import Call, Conference, Leg, Participant, Recording
from calls.tables import TABLES
from tests.webhooks.door import Door, call_event
from tests.webhooks.lives import Lives, everything
from webhooks import inbox
from webhooks.endpoints import create_endpoint
from webhooks.models import Delivery
from webhooks.rebuild import folding, packing, reading, rebuild, spool

LIVES = 32  # each kind of life once


def in_small_pieces():
    """One delivery read, one object kept in memory, two folded at a time."""
    return (
        mock.patch.object(reading, "BATCH", 1),
        mock.patch.object(spool, "_WAITING", 1),
        mock.patch.object(folding, "BATCH", 2),
    )


def empty_tables():
    for model in (Recording, Participant, Conference, Leg, Call):
        model.objects.all().delete()


class PackingTests(TestCase):
    def setUp(self):
        providers = ("freeclimb", "callerdesk")
        self.lives = Lives({p: create_endpoint(provider=p, account="Main")[0] for p in providers})

    def deliveries(self):
        for number in range(LIVES):
            for request in self.lives.requests(number):
                yield self.lives.delivery(request)

    def test_what_was_packed_is_the_same_unpacked(self):
        spoken = ledger.gather(filter(None, map(inbox.digest, self.deliveries())))
        self.assertEqual(spoken.keys(), TABLES.keys())
        for kind, objects in spoken.items():
            for known in objects.values():
                self.assertEqual(packing.unpack(kind, packing.pack(known)), known)
                for name, entry in packing.unpack(kind, packing.pack(known)).state.entries.items():
                    if name in TABLES[kind].types:  # rules ask for its parts by name
                        self.assertIs(type(entry.value), type(known.state.entries[name].value))

    def test_pieces_of_any_size_give_the_same_content(self):
        """Promise 4, with all lives, everything on disk in between."""
        inbox.store(list(self.deliveries()))
        before = everything()
        empty_tables()
        reading_, spool_, folding_ = in_small_pieces()
        with reading_, spool_, folding_:
            report = rebuild(verify=False)
            self.assertEqual(everything(), before)
            self.assertEqual(report.written, report.objects)
            again = rebuild(verify=True)
        self.assertEqual((again.different, again.unvouched), ([], []))
        self.assertEqual(report.deliveries, Delivery.objects.count())


class ParentsTests(Door, TransactionTestCase):
    """Whether a leg hangs on a call is asked when the transaction ends."""

    def test_a_childs_parent_is_there_when_its_leg_is_written(self):
        families = [("CA" + letter * 3, "CA" + letter * 2, "CA" + letter) for letter in "abcdef"]
        for grandchild, child, parent in families:
            for call, above in ((grandchild, child), (child, parent)):
                dialled = {"callId": call, "parentCallId": above, "direction": "outboundDial"}
                self.post_freeclimb(call_event("redirect", **dialled))
        account = self.freeclimb.account_id
        late = [f for f in families if call_key(account, f[1]) < call_key(account, f[2])]
        self.assertTrue(late, "no child comes before its parent: nothing would be tried")
        before = everything()
        empty_tables()
        reading_, spool_, folding_ = in_small_pieces()
        with reading_, spool_, folding_:
            rebuild(verify=False)
        self.assertEqual(everything(), before)


class LoopTests(SimpleTestCase):
    def test_only_calls_whose_parent_has_one_itself_may_be_in_a_loop(self):
        keys = [call_key(account_key("freeclimb", "Main"), str(number)) for number in range(5)]
        with spool.Spool() as some:
            some.add_parents([(keys[0], keys[1]), (keys[1], keys[0]), (keys[2], keys[1])])
            some.add_parents([(keys[3], keys[4])])
            self.assertEqual(sorted(some.may_loop()), sorted(keys[:3]))
            some.sort()
            self.assertEqual(some.known(CallFact, keys), {})
