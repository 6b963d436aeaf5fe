"""`/api/v1/changes/`: everything, then every change; a consumer's copy ends as the tables are."""

from uuid import uuid4

from calls import annotations
from calls.feed import notes, positions
from calls.feed.kinds import OF_THE_DIRECTORY
from calls.feed.notes import Changes
from calls.models import Call, ChangeFeed, ChangeSet, Leg
from tests import factories
from tests.api import ApiTestCase

LISTS = {
    "call": "calls",
    "leg": "legs",
    "conference": "conferences",
    "participant": "participants",
    "recording": "recordings",
}


def touch(*rows, word=notes.CHANGED):
    """Note rows as written, in a set of their own, as the ledger does."""
    notes.note([[notes.KINDS[type(row)], row.pk.hex, row.revision, [word]] for row in rows])


class FeedTestCase(ApiTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.call = factories.CallFactory()
        cls.leg = factories.LegFactory(call=cls.call)
        cls.conference = factories.ConferenceFactory(account=cls.call.account)
        cls.participant = factories.ParticipantFactory(conference=cls.conference, call=cls.call)
        cls.recording = factories.RecordingFactory(call=cls.call)
        cls.rows = [cls.call, cls.leg, cls.conference, cls.participant, cls.recording]

    def page(self, **parameters):
        return self.get("changes/", **parameters)

    def follow(self, cursor="", **parameters):
        """All pages until there is no more, and the last cursor."""
        pages = [self.page(**({"after": cursor} if cursor else {}), **parameters)]
        while pages[-1]["more"]:
            pages.append(self.page(after=pages[-1]["cursor"], **parameters))
        return pages, pages[-1]["cursor"]

    def changed(self, cursor, **parameters):
        pages, _ = self.follow(cursor, **parameters)
        return [(one["type"], one["operation"], one["id"]) for p in pages for one in p["changes"]]

    def now(self, **parameters):
        return self.page(after="now", **parameters)["cursor"]


class CopyTests(FeedTestCase):
    def test_without_after_everything_comes_first(self):
        pages, cursor = self.follow()
        ids = [one["id"] for page in pages for one in page["changes"]]
        self.assertEqual(ids, [str(row.pk) for row in self.rows])
        self.assertEqual(self.changed(cursor), [])

    def test_every_page_size_copies_the_same(self):
        factories.CallFactory.create_batch(4)
        whole = {one["id"] for one in self.page()["changes"]}
        self.assertEqual(len(whole), 9)
        for limit in range(1, 10):
            pages, _ = self.follow(limit=limit)
            ids = [one["id"] for page in pages for one in page["changes"]]
            self.assertTrue(all(len(page["changes"]) <= limit for page in pages))
            self.assertEqual((len(ids), set(ids)), (9, whole), limit)

    def test_what_changes_during_the_copying_comes_after_it(self):
        page = self.page(limit=3)
        touch(self.leg)  # sent already
        Leg.objects.filter(pk=self.leg.pk).update(name="Ravi")
        pages, _ = self.follow(page["cursor"], limit=3)
        legs = [one for p in pages for one in p["changes"] if one["type"] == "leg"]
        self.assertEqual([one["object"]["name"] for one in legs], ["Ravi"])

    def test_what_was_noted_before_the_copying_is_not_told_again(self):
        touch(self.call)
        positions.give_positions()
        pages, _ = self.follow()
        self.assertEqual(sum(len(page["changes"]) for page in pages), 5)

    def test_objects_look_as_in_their_lists(self):
        for one in self.page()["changes"]:
            (listed,) = self.get(f"{LISTS[one['type']]}/")["results"]
            # What hangs on a conference is told of by itself; the directory changes by itself.
            apart = {"participants", "recordings"} if one["type"] == "conference" else set()
            apart |= OF_THE_DIRECTORY if one["type"] == "call" else set()
            listed = {name: value for name, value in listed.items() if name not in apart}
            self.assertEqual(one["object"], listed, one["type"])


class FollowTests(FeedTestCase):
    def test_a_change_comes_with_the_object_as_it_is_now(self):
        cursor = self.now()
        touch(self.call)
        Call.objects.filter(pk=self.call.pk).update(group_name="Support")
        page = self.page(after=cursor)
        (change,) = page["changes"]
        self.assertEqual(change["operation"], "upsert")
        self.assertEqual(change["object"]["group_name"], "Support")
        self.assertFalse(page["more"])
        self.assertEqual(self.page(after=page["cursor"])["changes"], [])
        self.assertEqual(self.page(after=cursor), page)  # as often as it is asked for

    def test_several_changes_of_an_object_are_one_in_the_place_of_the_last(self):
        cursor = self.now()
        touch(self.call)
        touch(self.leg)
        touch(self.call)
        self.assertEqual([one[0] for one in self.changed(cursor)], ["leg", "call"])
        self.assertEqual([one[0] for one in self.changed(cursor, limit=1)], ["call", "leg", "call"])

    def test_a_set_larger_than_a_page_goes_on_where_it_stopped(self):
        cursor = self.now()
        touch(*self.rows)
        touch(self.call)
        whole = [(notes.KINDS[type(row)], "upsert", str(row.pk)) for row in self.rows]
        self.assertEqual(self.changed(cursor, limit=2), [*whole, whole[0]])
        self.assertEqual(self.changed(cursor, limit=4), [*whole, whole[0]])

    def test_what_is_gone_is_erased(self):
        cursor = self.now()
        changes = Changes()
        changes.erased(Leg, [(self.leg.pk, self.leg.revision)])
        Leg.objects.filter(pk=self.leg.pk).delete()
        changes.save()
        self.assertEqual(self.changed(cursor), [("leg", "erase", str(self.leg.pk))])
        self.assertIsNone(self.page(after=cursor)["changes"][0]["object"])

    def test_what_was_erased_and_made_again_is_there(self):
        cursor = self.now()
        touch(self.leg, word=notes.ERASED)
        self.assertEqual(self.changed(cursor), [("leg", "upsert", str(self.leg.pk))])

    def test_only_the_types_asked_for(self):
        cursor = self.now(types="recording,leg")
        touch(*self.rows)
        notes.note([["delivery", uuid4().hex, 0, ["failed"]]])
        self.assertEqual([one[0] for one in self.changed(cursor)], ["leg", "recording"])

    def test_a_page_that_stays_empty_goes_on_after_so_many_sets(self):
        cursor = self.now(types="recording")
        changes = [["call", self.call.pk.hex, 1, [notes.CHANGED]]]
        ChangeSet.objects.bulk_create(ChangeSet(changes=changes) for _ in range(positions.MOST))
        touch(self.recording)
        page = self.page(after=cursor)
        self.assertEqual((page["changes"], page["more"]), ([], True))
        self.assertEqual([one[0] for one in self.changed(page["cursor"])], ["recording"])

    def test_what_people_write_on_a_call_changes_it(self):
        cursor = self.now()
        annotations.add_note(self.call, factories.UserFactory(), "Call back on Monday.")
        self.assertEqual(self.changed(cursor), [("call", "upsert", str(self.call.pk))])

    def test_a_page_of_many_takes_the_queries_of_a_page_of_few(self):
        cursor = self.now()
        touch(*self.rows)
        positions.give_positions()
        few = self.queries("changes/", after=cursor)
        copied = self.queries("changes/", limit=1000)
        more = [
            row
            for make in (factories.LegFactory, factories.ParticipantFactory)
            for row in make.create_batch(10)
        ]
        touch(*more, *factories.RecordingFactory.create_batch(10), *(row.call for row in more))
        positions.give_positions()
        self.assertEqual(self.queries("changes/", after=cursor), few)
        self.assertEqual(self.queries("changes/", limit=1000), copied)


class RefusalTests(FeedTestCase):
    def test_bad_parameters_are_named_all_at_once(self):
        faults = self.faults("changes/", after="x", types="cal", limit="0", wait="31", colour="1")
        self.assertEqual(sorted(faults), ["after", "colour", "limit", "types", "wait"])
        for limit in ("1001", "-1", "1.0", "", "٣"):
            self.assertEqual(self.faults("changes/", limit=limit), ["limit"])
        self.assertEqual(self.faults("changes/", types=["call", "leg"]), ["types"])
        self.assertEqual(self.faults("changes/", after=self.now()[:-1] + "!"), ["after"])

    def test_a_cursor_keeps_the_types_that_it_began_with(self):
        cursor = self.now(types="leg,call")
        touch(*self.rows)
        self.assertEqual(self.changed(cursor, types="call,leg"), self.changed(cursor))
        self.assertEqual(self.faults("changes/", after=cursor, types="call"), ["types"])

    def test_what_is_no_longer_kept_is_a_410(self):
        cursor, begun = self.now(), self.page(limit=1)["cursor"]
        touch(self.call)
        positions.give_positions()
        ChangeSet.objects.all().delete()
        ChangeFeed.objects.update(forgotten=1)
        for old in (cursor, begun):
            told = self.get("changes/", expect=410, after=old)
            self.assertIn("without `after`", told["detail"])
        self.follow()

    def test_a_cursor_of_a_later_state_of_the_database_is_a_410(self):
        touch(self.call)
        cursor = self.now()
        ChangeFeed.objects.update(position=0)  # put back from a copy
        self.get("changes/", expect=410, after=cursor)


class ScopeTests(FeedTestCase):
    scopes = ("calls:read",)

    def test_numbers_are_masked(self):
        call = self.page(types="call")["changes"][0]["object"]
        self.assertNotIn(self.call.from_number, str(call))
        self.assertTrue(call["from_number"].endswith(self.call.from_number[-4:]), call)

    def test_recordings_are_left_out_or_refused(self):
        pages, cursor = self.follow()
        self.assertNotIn("recording", [one["type"] for p in pages for one in p["changes"]])
        touch(self.recording)
        self.assertEqual(self.changed(cursor), [])
        told = self.get("changes/", expect=403, types="call,recording")
        self.assertIn("recordings:read", told["detail"])

    def test_a_copy_with_recordings_does_not_go_on_without_them(self):
        cursor = self.now()
        integration = self.key.integration
        integration.scopes = ["calls:read", "recordings:read"]
        integration.save()
        whole = self.now()
        integration.scopes = ["calls:read"]
        integration.save()
        self.get("changes/", expect=403, after=whole)
        self.get("changes/", after=cursor)

    def test_without_the_scope_nothing_is_read(self):
        self.key.integration.scopes = ["export"]
        self.key.integration.save()
        self.get("changes/", expect=403)
        self.assertEqual(self.client.get("/api/v1/changes").status_code, 401)


class EmptyTests(ApiTestCase):
    def test_before_anything_happened(self):
        first = self.get("changes/")
        self.assertEqual((first["changes"], first["more"]), ([], True))
        second = self.get("changes/", after=first["cursor"])
        self.assertEqual((second["changes"], second["more"]), ([], False))
        self.assertFalse(ChangeFeed.objects.exists())
