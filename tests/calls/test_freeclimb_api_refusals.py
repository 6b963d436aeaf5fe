"""Whatever is refused, is refused in FreeClimb's shape; and nothing is answered with a fault."""

from django.test import override_settings

from calls.freeclimb_api import errors
from calls.models import ApiKey, Integration
from tests import factories
from tests.calls.freeclimb_client import ACCOUNT, FreeClimbTestCase, basic, cursor_in
from tests.factories import NOON


class AuthenticationTests(FreeClimbTestCase):
    def test_strangers_are_told_how_to_come_in(self):
        wrong = [
            {},
            {"Authorization": "Basic"},
            {"Authorization": "Basic !!!"},
            {"Authorization": "Basic " + "\u00ff"},
            {"Authorization": "Basic YQ=="},  # no colon
            {"Authorization": "Basic /////w=="},  # not UTF-8
            {"Authorization": f"Bearer {self.key_text}"},
            basic(ACCOUNT, "nobody"),
            basic(ACCOUNT, ""),
            basic("", self.key_text),
            basic("AC\x00", self.key_text),
            basic("ACunknown", self.key_text),
            basic(ACCOUNT.lower(), self.key_text),
        ]
        for headers in wrong:
            for path in ("/Calls", "/Queues", "/Calls/CA1"):
                with self.subTest(headers=headers, path=path):
                    response = self.ask(path, headers=headers)
                    self.assertError(response, 401, 50)
                    self.assertTrue(response["WWW-Authenticate"].startswith("Basic "))

    def test_an_account_of_another_provider_is_none(self):
        factories.AccountFactory(callerdesk=True, provider_account_id="ACother")
        response = self.ask("/Calls", headers=basic("ACother", self.key_text))
        self.assertError(response, 401, 50)

    def test_the_account_of_the_address_is_the_one_of_the_credentials(self):
        other = factories.AccountFactory().provider_account_id
        for account in (other, "ACunknown"):
            url = f"/apiserver/Accounts/{account}/Calls"
            response = self.client.get(url, headers=self.headers)
            self.assertError(response, 403, 50)

    def test_a_key_opens_each_account_by_its_name(self):
        row = factories.CallFactory()
        account = row.account.provider_account_id
        url = f"/apiserver/Accounts/{account}/Calls"
        found = self.client.get(url, headers=basic(account, self.key_text)).json()["calls"]
        self.assertEqual([one["callId"] for one in found], [row.provider_call_id])

    def test_a_key_that_is_over_opens_nothing(self):
        ApiKey.objects.update(expires_at=NOON)
        self.assertError(self.ask("/Calls"), 401, 50)

    def test_the_use_of_a_key_is_noted(self):
        self.get("/Calls")
        self.assertIsNotNone(ApiKey.objects.get().last_used_at)

    @override_settings(API_RATES={"read": 1, "write": 1, "unknown_keys": 0})
    def test_too_many_requests(self):
        self.ask("/Calls")
        response = self.ask("/Calls")
        self.assertError(response, 429, 24)
        self.assertGreaterEqual(int(response["Retry-After"]), 0)


class ScopeTests(FreeClimbTestCase):
    scopes = ("calls:read",)

    def setUp(self):
        self.row = self.call(from_number="+13125550123", to_number="+13125550124")
        self.recording = factories.RecordingFactory(call=self.row)

    def grant(self, *scopes):
        Integration.objects.update(scopes=list(scopes))

    def test_recordings_and_logs_need_scopes_of_their_own(self):
        call = f"/Calls/{self.row.provider_call_id}"
        paths = {
            "calls:read": ["/Calls", call, "/Conferences"],
            "recordings:read": [
                "/Recordings",
                f"/Recordings/{self.recording.provider_recording_id}",
                f"{call}/Recordings",
            ],
            "deliveries:read": [f"{call}/Logs"],
        }
        for granted in paths:
            self.grant(granted)
            for scope, some in paths.items():
                for path in some:
                    with self.subTest(granted=granted, path=path):
                        response = self.ask(path)
                        if scope == granted:
                            self.assertEqual(response.status_code, 200)
                        else:
                            told = self.assertError(response, 403, 50)
                            self.assertIn(scope, told["details"]["message"])

    def test_numbers_are_masked_for_those_who_may_not_see_them(self):
        shown = self.get(f"/Calls/{self.row.provider_call_id}")
        self.assertEqual((shown["from"], shown["to"]), ("+1••••••0123", "+1••••••0124"))
        # A whole number may be asked for, as in the admin; a short one could be guessed.
        self.assertEqual(self.ids("/Calls", from_="+13125550123"), [self.row.provider_call_id])
        self.get("/Calls", 400, from_="0123")
        self.grant("calls:read", "numbers:full")
        shown = self.get(f"/Calls/{self.row.provider_call_id}")
        self.assertEqual(shown["from"], "+13125550123")

    def test_numbers_in_a_conferences_name_are_masked_too(self):
        row = factories.ConferenceFactory(account=self.account, alias="for +13125550123")
        shown = self.get(f"/Conferences/{row.provider_conference_id}")
        self.assertEqual(shown["alias"], "for +1••••••0123")


class RefusalTests(FreeClimbTestCase):
    def test_bad_values_are_named_all_at_once(self):
        wrong = {
            "active": "yes",
            "status": "in_progress",
            "startTime": "yesterday",
            "endTime": "9999-12-31 23:59:59",
            "riskScoreMin": "1.5",
            "webRTC": "2",
            "to": "\x00",
            "from": "1" * 300,
            "parentCallId": "C\x00",
            "applicationId": [f"AP{n}" for n in range(17)],
        }
        told = self.assertError(self.ask("/Calls", wrong), 400, 3)
        self.assertEqual(set(told["details"]), set(wrong))

    def test_each_bad_time_is_refused(self):
        for text in (
            "2026-03-14",
            "2026-02-30 12:00:00",
            "2026-03-14 25:00:00",
            "0001-01-01 00:00:00",
            "٢٠٢٦-03-14 12:00:00",
            "Mon, 99 Jun 2009 20:45:30 GMT",
            "12:00",
            "\x00",
            "9" * 250,
        ):
            with self.subTest(text):
                self.assertError(self.ask("/Calls", {"startTime": text}), 400, 3)
                self.assertError(self.ask("/Recordings", {"dateCreated": f"{text}x"}), 400, 3)

    def test_a_parameter_given_twice_is_refused(self):
        told = self.assertError(self.ask("/Calls", {"to": ["+13125550001", "x"]}), 400, 3)
        self.assertEqual(list(told["details"]), ["to"])

    def test_a_parameter_that_a_list_does_not_have_is_refused(self):
        """It would seem to have been heeded."""
        for path, name in (
            ("/Calls", "pageSize"),
            ("/Calls", "direction"),
            ("/Recordings", "status"),
            ("/Conferences", "startTime"),
        ):
            told = self.assertError(self.ask(path, {name: "9" * 5000}), 400, 3)
            self.assertEqual(list(told["details"]), [name])

    def test_a_cursor_of_somebody_elses_making_is_refused(self):
        for _ in range(101):
            self.call()
        uri = self.get("/Calls")["nextPageUri"]
        cursor = cursor_in(uri)
        forged = [cursor[1:], cursor + "00", "x", "é", "0" * 64, "f" * 30_000, "\x00", cursor[:32]]
        for text in forged:
            with self.subTest(text[:40]):
                told = self.assertError(self.ask("/Calls", {"cursor": text}), 400, 3)
                self.assertEqual(list(told["details"]), ["cursor"])
        self.assertError(self.ask("/Recordings", {"cursor": cursor}), 400, 3)
        self.assertError(self.ask("/Calls", {"cursor": cursor, "status": "busy"}), 400, 3)
        other = factories.AccountFactory().provider_account_id
        response = self.client.get(
            f"/apiserver/Accounts/{other}/Calls",
            {"cursor": cursor},
            headers=basic(other, self.key_text),
        )
        self.assertError(response, 400, 3)

    def test_what_is_not_there_has_freeclimbs_code(self):
        other = factories.CallFactory().provider_call_id  # of another account
        for name in (
            "CA" + "0" * 40,
            other,
            "%00",
            "%F0%9F%93%9E",
            "%C3%28",
            "a" * 5000,
            "'",
            "a b",
        ):
            for path, code in (
                (f"/Calls/{name}", 66),
                (f"/Calls/{name}/Recordings", 66),
                (f"/Calls/{name}/Logs", 66),
                (f"/Recordings/{name}", 68),
                (f"/Conferences/{name}", 66),
                (f"/Conferences/{name}/Participants", 66),
                (f"/Conferences/{name}/Participants/{name}", 66),
                (f"/Conferences/{name}/Recordings", 66),
            ):
                with self.subTest(path[:60]):
                    self.assertError(self.ask(path), 404, code)

    def test_what_freeclimb_has_and_we_have_not_is_not_found(self):
        row = factories.RecordingFactory(call=self.call())
        for path in (
            "",
            "/",
            "/Queues",
            "/Messages/10DLC/Brands",
            "/Logs",
            "/Applications/AP1",
            f"/Recordings/{row.provider_recording_id}/Download",
            f"/Recordings/{row.provider_recording_id}/Stream",
            "/Calls/a/b/c",
        ):
            self.assertError(self.ask(path), 404, 1)
        for url in ("/apiserver/", "/apiserver/AvailablePhoneNumbers", "/apiserver/x"):
            self.assertError(self.client.get(url, headers=self.headers), 404, 1)

    def test_nothing_can_be_written(self):
        row = self.call()
        for path in ("/Calls", f"/Calls/{row.provider_call_id}", "/Messages", "/Logs", ""):
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                with self.subTest(path=path, method=method):
                    response = self.ask(path, method=method)
                    self.assertError(response, 405, 2)
                    self.assertEqual(response["Allow"], "GET, HEAD")
        self.assertError(self.ask("/Calls", method="POST", headers={}), 401, 50)

    def test_whatever_is_accepted_the_answer_is_json(self):
        for accepted in ("text/html", "image/png", "application/xml", "nonsense"):
            response = self.ask("/Calls", headers=self.headers | {"Accept": accepted})
            self.assertEqual(response["Content-Type"], "application/json")
        self.assertEqual(self.ask("/Calls/", {}).status_code, 200)  # final slash

    def test_no_cache_keeps_telephone_numbers(self):
        self.assertIn("private", self.ask("/Calls")["Cache-Control"])

    def test_the_answer_where_no_view_is_at_work(self):
        self.assertError(errors.plain(404), 404, 1)
        self.assertError(errors.plain(500), 500, 0)
        self.assertError(errors.plain(400, "An unknown host."), 400, 3)
        response = errors.plain(503, headers={"Retry-After": "5"})
        self.assertError(response, 503, 55)
        self.assertEqual(response["Retry-After"], "5")
