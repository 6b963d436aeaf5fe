"""Recordings in pages: heard by those who may, written down, and never by their address."""

from datetime import timedelta

from django.utils.timezone import now

from calls.choices import RecordingState
from calls.desk import recordings
from calls.models import Account, Recording
from calltrack.models import AuditEntry
from tests import factories
from tests.admin import AdminTestCase

ADDRESS = "https://callrecords.callerdesk.io/incoming/a.wav"


def callerdesk(url=ADDRESS, **more):
    account = factories.AccountFactory(callerdesk=True, **more)
    return factories.RecordingFactory(call__account=account, url=url)


class HostTests(AdminTestCase):
    def test_what_may_be_played(self):
        for url, playable in {
            ADDRESS: True,
            "https://callerdesk.io/a.wav": True,
            "https://CallerDesk.IO:443/a.wav?x=1#t": True,
            "https://a.b.callerdesk.io": True,
            "": False,
            "http://callrecords.callerdesk.io/a.wav": False,
            "https://notcallerdesk.io/a.wav": False,
            "https://callerdesk.io.evil.example/a.wav": False,
            "https://evil.example/callerdesk.io/a.wav": False,
            "https://callerdesk.io@evil.example/a.wav": False,
            "https://user:secret@callerdesk.io/a.wav": False,
            "https://evil.example\\@callerdesk.io/a.wav": False,
            "https://callerdesk.io\\.evil.example/a.wav": False,
            "https://callerdesk.io:8443/a.wav": False,
            "https:callerdesk.io/a.wav": False,
            "https:///callerdesk.io/a.wav": False,
            "//callerdesk.io/a.wav": False,
            "/Accounts/AC1/Recordings/RE1/Download": False,
            "https://callerdesk.io/a.wav\r\nSet-Cookie: a=b": False,
            "https://callerdesk.io/a b": False,
            "javascript:alert(1)//callerdesk.io": False,
            " https://callerdesk.io/a.wav": False,
        }.items():
            with self.subTest(url):
                self.assertEqual(not recordings.obstacle(callerdesk(url)), playable)

    def test_freeclimbs_addresses(self):
        for url, playable in {
            "https://www.freeclimb.com/apiserver/Accounts/AC1/Recordings/RE1/Download": True,
            "/Accounts/AC1/Recordings/RE1/Download": True,
            "https://www.freeclimb.com.evil.example/": False,
            "https://freeclimb.com/": False,
            ADDRESS: False,
        }.items():
            with self.subTest(url):
                recording = factories.RecordingFactory(url=url)
                self.assertEqual(not recordings.obstacle(recording), playable)

    def test_an_account_may_name_hosts_of_its_own(self):
        own = callerdesk("https://media.example/a.wav", recording_hosts=["Media.example "])
        self.assertEqual(recordings.obstacle(own), "")
        self.assertNotEqual(recordings.obstacle(callerdesk(recording_hosts=["media.example"])), "")

    def test_a_host_that_is_none_changes_no_policy(self):
        evil = ["*", "https://x", "a.example; script-src *", "'unsafe-inline'", "io", 7, ""]
        account = Account(provider="callerdesk", recording_hosts=evil)
        self.assertEqual(recordings.hosts(account), [])


class PlayTests(AdminTestCase):
    def get(self, recording, what="play", **more):
        return self.client.get(f"/admin/calls/recording/{recording.pk}/{what}/", **more)

    def test_the_address_is_in_no_page(self):
        recording = callerdesk()
        for page in (
            self.open_row(recording.call),
            self.open_row(recording),
            self.open_list(Recording),
        ):
            self.assertNotContains(page, "incoming/a.wav")
        self.assertContains(self.open_row(recording.call), f"recording/{recording.pk}/play/")

    def test_playing_leads_to_the_provider(self):
        recording = callerdesk()
        response = self.get(recording)
        self.assertRedirects(response, ADDRESS, fetch_redirect_response=False)
        self.assertEqual(response["Referrer-Policy"], "no-referrer")
        self.assertIn("no-store", response["Cache-Control"])

    def test_a_relative_address_is_made_whole(self):
        recording = factories.RecordingFactory(url="/Accounts/AC1/Recordings/RE1/Download")
        self.assertEqual(
            self.get(recording)["Location"],
            "https://www.freeclimb.com/apiserver/Accounts/AC1/Recordings/RE1/Download",
        )

    def test_listening_is_written_down_once_for_all_its_ranges(self):
        recording = callerdesk()
        for start in (0, 65_536, 131_072):
            self.get(recording, headers={"range": f"bytes={start}-"})
        entry = AuditEntry.objects.get()
        self.assertEqual(
            [entry.username, entry.action, entry.object_id, entry.address],
            [self.superuser.username, AuditEntry.Action.PLAY, str(recording.pk), "127.0.0.1"],
        )
        self.get(callerdesk(name="Another"))
        self.assertEqual(AuditEntry.objects.count(), 2)
        AuditEntry.objects.update(at=now() - timedelta(hours=1))
        self.get(recording)
        self.assertEqual(AuditEntry.objects.count(), 3)

    def test_each_download_is_written_down(self):
        recording = callerdesk()
        for _ in range(2):
            self.assertEqual(self.get(recording, "download")["Location"], ADDRESS)
        actions = AuditEntry.objects.values_list("action", flat=True)
        self.assertEqual(list(actions), [AuditEntry.Action.DOWNLOAD] * 2)

    def test_what_may_not_be_played_leads_nowhere(self):
        recording = callerdesk("https://evil.example/a.wav")
        self.assertEqual(self.get(recording).status_code, 404)
        self.assertEqual(self.get(recording, "download").status_code, 404)
        self.assertFalse(AuditEntry.objects.exists())
        page = self.open_row(recording.call)
        self.assertContains(page, "does not list for recordings")
        self.assertNotContains(page, "evil.example")
        self.assertNotContains(page, "<audio")

    def test_who_may_not_hear_learns_only_that_there_is_one(self):
        recording = callerdesk()
        Recording.objects.update(state=RecordingState.AVAILABLE, duration_seconds=75)
        body = f'{{"CallRecordingUrl": "{ADDRESS}"}}'.encode()
        factories.DeliveryFactory(subject=recording.call_id, body=body)
        self.look_only()
        for what in ("play", "download"):
            self.assertEqual(self.get(recording, what).status_code, 403)
        page = self.open_row(recording.call)
        self.assertContains(page, "1 min 15 s, available")
        self.assertContains(page, "You may not play recordings.")
        for text in ("<audio", "/download/", "callrecords"):
            self.assertNotContains(page, text)

    def test_hearing_is_not_downloading(self):
        recording = callerdesk()
        self.client.force_login(factories.UserFactory(may=["view", "play_recording"]))
        self.assertEqual(self.get(recording).status_code, 302)
        self.assertEqual(self.get(recording, "download").status_code, 403)
        self.assertNotContains(self.open_row(recording.call), "/download/")

    def test_only_the_accounts_hosts_are_allowed_and_only_there(self):
        recording = callerdesk()
        wanted = "media-src 'self' https://callerdesk.io https://*.callerdesk.io"
        for page in (self.open_row(recording.call), self.open_row(recording)):
            policy = page["Content-Security-Policy"]
            self.assertIn(wanted, policy.split("; "))
            self.assertIn("default-src 'self'", policy)
        other = self.open_row(factories.CallFactory())
        self.assertNotIn("media-src", other["Content-Security-Policy"])

    def test_a_conference_is_heard_on_its_page(self):
        conference = factories.ConferenceFactory()
        recording = factories.RecordingFactory(
            call=None, conference=conference, url="https://www.freeclimb.com/apiserver/a"
        )
        page = self.open_row(conference)
        self.assertContains(page, f"recording/{recording.pk}/play/")
        self.assertIn("https://www.freeclimb.com", page["Content-Security-Policy"])

    def test_a_recording_of_nothing_has_a_page(self):
        account = factories.AccountFactory()
        lone = factories.RecordingFactory(call=None, account=account, url="")
        self.assertContains(self.open_row(lone), "The provider has not said where it is.")
        self.assertContains(self.open_list(Recording), "Nothing that we know")
