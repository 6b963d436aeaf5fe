"""The filters of FreeClimb's lists."""

from datetime import timedelta

from calls.choices import ConferenceStatus, Status
from tests import factories
from tests.calls.freeclimb_client import FreeClimbTestCase
from tests.factories import NOON


def after(seconds):
    return NOON + timedelta(seconds=seconds)


class CallFilterTests(FreeClimbTestCase):
    def found(self, **parameters):
        return set(self.ids("/Calls", **parameters))

    def test_no_filter_finds_every_call_of_the_account_newest_first(self):
        calls = [self.call() for _ in range(3)]
        factories.CallFactory()  # somebody else's
        listed = self.ids("/Calls")
        self.assertEqual(listed, [one.provider_call_id for one in reversed(calls)])

    def test_to_and_from_find_a_number_however_it_is_written(self):
        one = self.call(from_number="+13125550001", to_number="+13125550002")
        self.call(from_number="+13125550002", to_number="+13125550001")
        # "+" that a client did not escape arrives as a space.
        for text in ("+13125550001", " 13125550001", "(312) 555-0001"):
            self.assertEqual(self.found(from_=text), {one.provider_call_id}, text)
        self.assertEqual(self.found(to="+13125550002"), {one.provider_call_id})
        both = self.found(to="+13125550002", from_="+13125550001")
        self.assertEqual(both, {one.provider_call_id})
        self.assertEqual(self.found(to="+13125550002", from_="+13125550002"), set())
        self.assertEqual(self.found(to="sip:somebody@example.com"), set())

    def test_a_number_of_another_account_finds_nothing(self):
        other = factories.CallFactory()
        self.assertEqual(self.found(from_=other.from_number), set())

    def test_status_finds_freeclimbs_words(self):
        calls = {
            theirs: self.call(status=ours, is_over=ours not in ("queued", "ringing"))
            for ours, theirs in (
                (Status.QUEUED, "queued"),
                (Status.NO_ANSWER, "noAnswer"),
                (Status.COMPLETED, "completed"),
            )
        }
        for word, row in calls.items():
            self.assertEqual(self.found(status=word), {row.provider_call_id}, word)
        self.assertEqual(self.found(status="busy"), set())

    def test_active_finds_what_is_queued_ringing_or_in_progress(self):
        living = self.call(status=Status.IN_PROGRESS, is_over=False)
        over = self.call()
        unclear = self.call(status=Status.UNKNOWN, is_over=False)
        self.assertEqual(self.found(active="true"), {living.provider_call_id})
        everything = {one.provider_call_id for one in (living, over, unclear)}
        self.assertEqual(self.found(active="false"), everything)  # FreeClimb's default

    def test_start_and_end_include_the_second_that_they_name(self):
        rows = [
            self.call(begun_at=after(n), ended_at=after(n + 10) + timedelta(milliseconds=400))
            for n in range(3)
        ]
        ids = [one.provider_call_id for one in rows]
        self.assertEqual(self.found(startTime="2026-03-14 12:00:01"), set(ids[1:]))
        self.assertEqual(self.found(endTime="2026-03-14 12:00:11"), set(ids[:2]))
        period = {"startTime": "2026-03-14 12:00:01", "endTime": "2026-03-14 12:00:11"}
        self.assertEqual(self.found(**period), {ids[1]})

    def test_a_time_is_taken_as_it_is_told(self):
        row = self.call(begun_at=after(1))
        self.call(begun_at=NOON)
        shown = self.get(f"/Calls/{row.provider_call_id}")
        for text in (shown["startTime"], shown["startTimeISO"], "2026-03-14T17:30:01+05:30"):
            self.assertEqual(self.found(startTime=text), {row.provider_call_id}, text)

    def test_what_has_no_start_or_no_end_is_within_no_period(self):
        self.call(started_at=None)
        self.call(status=Status.QUEUED, is_over=False)
        self.assertEqual(self.found(startTime="2020-01-01 00:00:00"), set())
        self.call(ended_at=None)
        self.call(is_over=False, status=Status.RINGING, ended_at=after(1))
        self.assertEqual(self.found(endTime="2030-01-01 00:00:00"), set())

    def test_parent_finds_its_children(self):
        parent = self.call()
        child = self.call(parent=parent)
        self.assertEqual(self.found(parentCallId=parent.provider_call_id), {child.provider_call_id})
        self.assertEqual(self.found(parentCallId="nobody"), set())

    def test_application_may_be_given_several_times(self):
        rows = [self.call(application_id=f"AP{n}") for n in range(3)]
        ids = [one.provider_call_id for one in rows]
        self.assertEqual(self.found(applicationId="AP1"), {ids[1]})
        self.assertEqual(self.found(applicationId=["AP0", "AP2"]), {ids[0], ids[2]})

    def test_a_property_that_is_null_in_every_call_matches_nothing(self):
        row = self.call()
        for name, value in (
            ("usedAudioStream", "true"),
            ("webRTC", "true"),
            ("riskScoreMin", "0"),
            ("riskScoreMax", "-1"),
        ):
            self.assertEqual(self.get("/Calls", **{name: value})["calls"], [], name)
        for name in ("usedAudioStream", "webRTC"):  # false is the default
            self.assertEqual(self.found(**{name: "false"}), {row.provider_call_id})

    def test_an_empty_value_asks_for_nothing(self):
        row = self.call()
        self.assertEqual(self.found(to="", status="", startTime=""), {row.provider_call_id})


class OtherFilterTests(FreeClimbTestCase):
    def test_recordings_by_call_conference_and_when_they_were_made(self):
        call, conference = self.call(), factories.ConferenceFactory(account=self.account)
        first = factories.RecordingFactory(call=call, created_at=NOON)
        second = factories.RecordingFactory(
            call=None, conference=conference, created_at=NOON + timedelta(days=1)
        )
        factories.RecordingFactory()  # somebody else's
        one, two = first.provider_recording_id, second.provider_recording_id
        for parameters, found in (
            ({}, [two, one]),
            ({"callId": call.provider_call_id}, [one]),
            ({"conferenceId": conference.provider_conference_id}, [two]),
            ({"conferenceId": "CF", "callId": call.provider_call_id}, []),
            ({"dateCreated": "2026-03-14"}, [one]),
            ({"dateCreated": "2026-03-13"}, []),
            ({"startTime": "2026-03-14 12:00:01"}, [two]),
            ({"endTime": "2026-03-14 12:00:00"}, [one]),
        ):
            self.assertEqual(self.ids("/Recordings", **parameters), found, parameters)
        path = f"/Calls/{call.provider_call_id}/Recordings"
        self.assertEqual(self.ids(path), [one])
        self.assertEqual(self.ids(path, dateCreated="2026-03-13"), [])
        path = f"/Conferences/{conference.provider_conference_id}/Recordings"
        self.assertEqual(self.ids(path), [two])
        self.assertEqual(self.ids(path, callId=call.provider_call_id), [])
        self.assertEqual(self.ids(path, startTime="2026-03-14 12:00:01"), [two])

    def test_conferences_by_status_alias_and_day(self):
        words = {
            ConferenceStatus.CREATING: "empty",
            ConferenceStatus.EMPTY: "empty",
            ConferenceStatus.IN_PROGRESS: "inProgress",
            ConferenceStatus.FAILED: "terminated",
        }
        rows = {
            status: factories.ConferenceFactory(
                account=self.account, status=status, alias=status, created_at=NOON
            )
            for status in words
        }
        for theirs in set(words.values()):
            expected = {
                rows[ours].provider_conference_id for ours in words if words[ours] == theirs
            }
            self.assertEqual(set(self.ids("/Conferences", status=theirs)), expected)
        late = factories.ConferenceFactory(
            account=self.account,
            alias="late",
            created_at=NOON,
            updated_at=NOON + timedelta(days=2),
        ).provider_conference_id
        self.assertEqual(self.ids("/Conferences", alias="late"), [late])
        self.assertEqual(self.ids("/Conferences", alias="lat"), [])
        self.assertEqual(self.ids("/Conferences", dateUpdated="2026-03-16"), [late])
        self.assertEqual(self.ids("/Conferences", dateUpdated="2026-03-15"), [])
        self.assertEqual(len(self.ids("/Conferences", dateCreated="2026-03-14")), 5)
        self.assertEqual(self.ids("/Conferences", dateCreated="2026-03-15"), [])

    def test_participants_are_all_that_ever_were_there(self):
        conference = factories.ConferenceFactory(account=self.account)
        rows = [
            factories.ParticipantFactory(conference=conference, state=state)
            for state in ("left", "joined")
        ]
        factories.ParticipantFactory()
        path = f"/Conferences/{conference.provider_conference_id}/Participants"
        self.assertEqual(self.ids(path), [one.call.provider_call_id for one in reversed(rows)])
        for name in ("talk", "listen", "dtmfPassThrough"):  # null in each of them
            self.assertEqual(self.ids(path, **{name: "true"}), [])
            self.assertEqual(self.ids(path, **{name: "false"}), [])
