"""FreeClimb's recordings, conferences and participants made of our rows."""

from datetime import timedelta

from calls.choices import ConferenceStatus
from tests import factories
from tests.calls.freeclimb_client import ACCOUNT, FreeClimbTestCase
from tests.factories import NOON


def after(seconds):
    return NOON + timedelta(seconds=seconds)


class OtherResourceTests(FreeClimbTestCase):
    def dates(self, row):
        return {
            "dateCreated": "Sat, 14 Mar 2026 12:00:00 GMT",
            "dateUpdated": "Sat, 14 Mar 2026 12:00:01 GMT",
            "dateCreatedISO": "2026-03-14T12:00:00.000Z",
            "dateUpdatedISO": "2026-03-14T12:00:01.000Z",
            "revision": row.revision,
            "accountId": ACCOUNT,
        }

    def test_a_calls_recording(self):
        row = factories.RecordingFactory(
            call=self.call(), created_at=NOON, updated_at=after(1), format="audio/wav"
        )
        self.assertEqual(
            self.get(f"/Recordings/{row.provider_recording_id}"),
            {
                **self.dates(row),
                "uri": f"/Accounts/{ACCOUNT}/Recordings/{row.provider_recording_id}",
                "recordingId": row.provider_recording_id,
                "callId": row.call.provider_call_id,
                "conferenceId": None,
                "durationSec": 42,
                "deleted": None,
                "type": None,
                "mimeType": "audio/wav",
                "downloadUrl": row.url,
            },
        )

    def test_a_conferences_recording_names_no_call(self):
        conference = factories.ConferenceFactory(account=self.account)
        row = factories.RecordingFactory(
            call=self.call(), conference=conference, duration_seconds=None
        )
        shown = self.get(f"/Recordings/{row.provider_recording_id}")
        self.assertIsNone(shown["callId"])
        self.assertEqual(shown["conferenceId"], conference.provider_conference_id)
        self.assertIsNone(shown["durationSec"])

    def test_a_recording_without_an_id_is_known_by_ours(self):
        row = factories.RecordingFactory(call=self.call(), provider_recording_id="")
        self.assertEqual(self.ids("/Recordings"), [str(row.pk)])
        self.assertEqual(self.get(f"/Recordings/{row.pk}")["uri"].rpartition("/")[2], str(row.pk))

    def test_a_conference(self):
        row = factories.ConferenceFactory(
            account=self.account,
            status=ConferenceStatus.IN_PROGRESS,
            created_at=NOON,
            updated_at=after(1),
        )
        uri = f"/Accounts/{ACCOUNT}/Conferences/{row.provider_conference_id}"
        empty = ("playBeep", "record", "waitUrl", "actionUrl", "statusCallbackUrl")
        self.assertEqual(
            self.get(f"/Conferences/{row.provider_conference_id}"),
            {
                **self.dates(row),
                "uri": uri,
                "conferenceId": row.provider_conference_id,
                "alias": "Monday",
                "status": "inProgress",
                **dict.fromkeys(empty),
                "subresourceUris": {
                    "participants": f"{uri}/Participants",
                    "recordings": f"{uri}/Recordings",
                },
            },
        )

    def test_a_participant(self):
        conference = factories.ConferenceFactory(account=self.account)
        row = factories.ParticipantFactory(
            conference=conference, created_at=NOON, updated_at=after(1)
        )
        path = f"/Conferences/{conference.provider_conference_id}/Participants"
        shown = self.get(f"{path}/{row.call.provider_call_id}")
        unknown = ("talk", "listen", "dtmfPassThrough", "startConfOnEnter")
        self.assertEqual(
            shown,
            {
                **self.dates(row),
                "uri": f"/Accounts/{ACCOUNT}{path}/{row.call.provider_call_id}",
                "conferenceId": conference.provider_conference_id,
                "callId": row.call.provider_call_id,
                **dict.fromkeys(unknown),
            },
        )
        self.assertEqual(self.get(path)["participants"], [shown])
