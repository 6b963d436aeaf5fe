"""Who gets in, and what everybody hears."""

import json
import time
from io import BytesIO

from django.test import TestCase

from calls.models import Call, Leg
from tests.webhooks.door import (
    ACCOUNT,
    OTHER_SECRET,
    SECRET,
    Door,
    call_event,
    call_report,
    signature,
    to_bytes,
)
from webhooks.door import MAX_BODY
from webhooks.endpoints import add_signing_secret, create_endpoint, endpoint_path, new_token
from webhooks.models import CallScript, Delivery, State


class TokenTests(Door, TestCase):
    def test_nobody_gets_in_without_a_token_that_names_an_active_endpoint(self):
        """Promise 5: the token."""
        wrong = [
            "/webhooks/freeclimb/nosuchtoken/",
            "/webhooks/nosuchprovider/token/",
            self.callerdesk_path.replace("callerdesk", "freeclimb"),
            self.callerdesk_path[:-2] + "/",
            "/webhooks/callerdesk/%ff%00/",
        ]
        for path in wrong:
            self.assertEqual(self.client.get(path).status_code, 404, path)
        self.callerdesk.active = False
        self.callerdesk.save()
        self.assertEqual(self.post_callerdesk(call_report()).status_code, 404)
        self.assertFalse(Delivery.objects.exists())

    def test_the_old_token_works_until_the_second_next(self):
        second = endpoint_path(self.callerdesk, new_token(self.callerdesk))
        for path in (self.callerdesk_path, second):
            self.assertEqual(self.client.get(path).status_code, 200)
        new_token(self.callerdesk)
        self.assertEqual(self.client.get(self.callerdesk_path).status_code, 404)
        self.assertEqual(self.client.get(second).status_code, 200)

    def test_the_last_slash_may_be_missing_and_nothing_is_redirected(self):
        raw = to_bytes(call_event())
        response = self.post_freeclimb(raw, path=self.freeclimb_path.rstrip("/"))
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.get_callerdesk(path=self.callerdesk_path[:-1]).status_code, 200)

    def test_any_host_name_will_do(self):
        response = self.post_freeclimb(call_event(), HTTP_HOST="tunnel.example")
        self.assertEqual(response.status_code, 200)

    def test_other_methods_are_refused(self):
        for method in ("put", "delete", "patch"):
            self.assertEqual(getattr(self.client, method)(self.callerdesk_path).status_code, 405)
        response = self.client.get(self.freeclimb_path)
        self.assertEqual((response.status_code, response["Allow"]), (405, "POST"))


class SignatureTests(Door, TestCase):
    def assert_refused(self, response):
        self.assertEqual(response.status_code, 401)
        self.assertFalse(Delivery.objects.exists())

    def test_a_valid_signature_gets_in(self):
        self.assertEqual(self.post_freeclimb(call_event()).status_code, 200)
        self.assertEqual(self.delivery().state, State.PROCESSED)

    def test_nobody_gets_in_with_a_wrong_or_missing_or_old_signature(self):
        """Promise 5: the signature."""
        self.assert_refused(self.post_freeclimb(call_event(), secret=OTHER_SECRET))
        self.assert_refused(self.post_freeclimb(call_event(), secret=None))
        self.assert_refused(self.post_freeclimb(call_event(), t=int(time.time()) - 400))
        self.assert_refused(self.post_freeclimb(call_event(), t=int(time.time()) + 400))
        other_body = signature(b"{}")
        self.assert_refused(self.post_freeclimb(call_event(), HTTP_FREECLIMB_SIGNATURE=other_body))

    def test_any_live_secret_of_the_endpoint_will_do(self):
        add_signing_secret(self.freeclimb, OTHER_SECRET)
        self.assertEqual(self.post_freeclimb(call_event(), secret=OTHER_SECRET).status_code, 200)
        self.assertEqual(self.post_freeclimb(call_event(), secret=SECRET).status_code, 200)

    def test_an_endpoint_without_a_secret_refuses_unless_marked(self):
        """Promise 5: closed by default."""
        endpoint, token = create_endpoint(provider="freeclimb", account="New")
        path = endpoint_path(endpoint, token)
        body = call_event(accountId="AC1")
        self.assert_refused(self.post_freeclimb(body, path=path, secret=None))
        self.assert_refused(self.post_freeclimb(body, path=path, secret=SECRET))
        self.assert_refused(self.post_freeclimb(body, path=path, secret=""))
        endpoint.allow_unsigned = True
        endpoint.save()
        self.assertEqual(self.post_freeclimb(body, path=path, secret=None).status_code, 200)
        add_signing_secret(endpoint, SECRET)
        response = self.post_freeclimb(body, path=path, secret=OTHER_SECRET)
        self.assertEqual(response.status_code, 401)


class BodyTests(Door, TestCase):
    def test_what_got_a_200_is_there_byte_for_byte(self):
        """Promise 1: stored before it is answered."""
        raw = b'{ "requestType":"callStatus",\t"callId" : "CA1", "note":"\xc3\xbc" }\n'
        self.assertEqual(self.post_freeclimb(raw).status_code, 200)
        self.assertEqual(bytes(self.delivery().body), raw)

    def test_64_kib_are_taken_and_no_byte_more(self):
        raw = b'{"callId":"CA1","requestType":"callStatus","pad":"'
        raw += b"x" * (MAX_BODY - len(raw) - 2) + b'"}'
        self.assertEqual(self.post_freeclimb(raw).status_code, 200)
        self.assertEqual(len(self.delivery().body), MAX_BODY)
        self.assertEqual(self.post_freeclimb(raw + b" ").status_code, 413)
        response = self.get_callerdesk({"CallSid": "1.2", "pad": "x" * MAX_BODY})
        self.assertEqual(response.status_code, 413)
        self.assertEqual(Delivery.objects.count(), 1)

    def test_what_we_cannot_read_is_kept_and_acknowledged(self):
        """Promise 2: unreadable is not lost."""
        junk = [b"\xff\xfe not json", b"[1, 2]", b"{", b'"text"', b"[" * 5000, b'{"callId": 1e999}']
        for raw in junk:
            self.assertEqual(self.post_freeclimb(raw).status_code, 200, raw[:20])
        for raw in (b"\xff\x00\x01", b"{broken", b"[]"):
            self.assertEqual(self.post_callerdesk(raw).status_code, 200, raw)
        stored = {bytes(d.body): d.state for d in Delivery.objects.all()}
        self.assertEqual(len(stored), len(junk) + 3)
        self.assertEqual(stored[b"\xff\xfe not json"], State.FAILED)
        for delivery in Delivery.objects.exclude(state=State.PROCESSED):
            self.assertTrue(delivery.reason, delivery.body)

    def test_an_unknown_type_is_kept_flagged_and_read_for_what_it_shares(self):
        """Promise 2: new types and words are stored and shown."""
        self.post_freeclimb(call_event("holographicCall", callStatus="levitating", newField=1))
        delivery = self.delivery()
        self.assertEqual((delivery.state, delivery.kind), (State.PROCESSED, "holographicCall"))
        self.assertIn("holographicCall", delivery.reason)
        call = Call.objects.get()
        self.assertEqual((call.status, call.provider_status), ("unknown", "levitating"))
        self.assertTrue(call.inferred_only)

    def test_an_exact_replay_is_answered_and_changes_nothing(self):
        raw, t = to_bytes(call_event()), int(time.time())
        for _ in range(3):
            response = self.post_freeclimb(raw, t=t)
            self.assertEqual((response.status_code, response.content), (200, b"[]"))
        self.assertEqual(Delivery.objects.count(), 1)
        self.assertEqual(Call.objects.get().revision, 1)

    def test_a_repeat_with_a_new_signature_time_is_a_row_but_no_new_value(self):
        now = int(time.time())
        body = call_event(callDuration="41")
        self.post_freeclimb(body, t=now - 60)
        before = Call.objects.get()
        self.post_freeclimb(body, t=now)
        after = Call.objects.get()
        self.assertEqual(Delivery.objects.count(), 2)
        for name in ("status", "ended_at", "started_at", "duration_seconds", "begun_at"):
            self.assertEqual(getattr(after, name), getattr(before, name), name)

    def test_a_get_and_a_post_of_the_same_are_two_deliveries_of_one_call(self):
        self.post_callerdesk(call_report())
        before = Call.objects.get()
        self.get_callerdesk(call_report())
        self.assertEqual(Delivery.objects.count(), 2)
        self.assertEqual(Call.objects.get().revision, before.revision)

    def test_another_accounts_delivery_is_kept_as_failed(self):
        response = self.post_freeclimb(call_event(accountId="AC" + "f" * 40))
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.delivery().state, State.FAILED)
        self.assertIn("AC" + "f" * 40, self.delivery().reason)
        self.assertFalse(Call.objects.exists())

    def test_the_account_id_is_never_learned_from_a_body(self):
        endpoint, token = create_endpoint(provider="freeclimb", account="Unnamed", secrets=[SECRET])
        self.post_freeclimb(call_event(), path=endpoint_path(endpoint, token))
        endpoint.account.refresh_from_db()
        self.assertEqual(endpoint.account.provider_account_id, "")
        self.assertEqual(self.freeclimb.account.provider_account_id, ACCOUNT)

    def test_letters_that_were_not_percent_encoded_are_read_as_utf8(self):
        query = "CallSid=1.2&type=call_report&receiver_name=आशा"
        as_wsgi_gives_it = query.encode().decode("latin-1")
        response = self.client.get(self.callerdesk_path, QUERY_STRING=as_wsgi_gives_it)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.delivery().query, query)
        self.assertEqual(Leg.objects.get(side="b").name, "आशा")

    def test_a_body_that_was_cut_off_is_refused(self):
        raw = to_bytes(call_report())
        response = self.client.generic(
            "POST",
            self.callerdesk_path,
            raw,
            CONTENT_LENGTH=str(len(raw) + 1),
            **{"wsgi.input": BytesIO(raw)},
        )
        self.assertEqual(response.status_code, 400)
        self.assertFalse(Delivery.objects.exists())

    def test_a_chunked_form_is_refused_for_it_may_have_lost_its_tail(self):
        for raw, status in (
            (b"CallSid=1.2&type=call_report&CallDuration=12", 411),
            (to_bytes(call_report()), 200),
            (b"", 200),
        ):
            response = self.client.generic(
                "POST", self.callerdesk_path, **{"wsgi.input": BytesIO(raw)}
            )
            self.assertEqual(response.status_code, status, raw[:20])

    def test_a_ping_is_kept_and_makes_no_call(self):
        self.assertEqual(self.get_callerdesk().content, b"success")
        self.assertEqual(self.delivery().state, State.IGNORED)
        self.assertFalse(Call.objects.exists())

    def test_the_same_id_at_two_accounts_is_two_calls(self):
        endpoint, token = create_endpoint(provider="callerdesk", account="Second desk")
        self.get_callerdesk(call_report())
        self.get_callerdesk(call_report(), path=endpoint_path(endpoint, token))
        self.assertEqual(Call.objects.count(), 2)


class AnswerTests(Door, TestCase):
    SCRIPT = [{"Say": {"text": "Welcome"}}, {"Hangup": {}}]

    def script(self, request_type="outDialConnect", called_number="", percl=None):
        CallScript.objects.create(
            endpoint=self.freeclimb,
            request_type=request_type,
            called_number=called_number,
            percl=percl or self.SCRIPT,
        )

    def test_callerdesk_hears_success(self):
        response = self.post_callerdesk(call_report())
        self.assertEqual(
            (response.content, response["Content-Type"][:10]), (b"success", "text/plain")
        )

    def test_a_connected_dial_is_answered_from_the_endpoints_script(self):
        self.script()
        response = self.post_freeclimb(call_event("outDialConnect"))
        self.assertEqual(response["Content-Type"], "application/json")
        self.assertEqual(json.loads(response.content), self.SCRIPT)
        self.assertEqual(self.delivery().reason, "")

    def test_the_script_of_a_called_number_comes_first(self):
        self.script()
        special = [{"Say": {"text": "Hello, special"}}]
        self.script(called_number="+13125550101", percl=special)
        response = self.post_freeclimb(call_event("outDialConnect", to="+13125550101"))
        self.assertEqual(json.loads(response.content), special)
        response = self.post_freeclimb(call_event("outDialConnect", to="+13125550102"))
        self.assertEqual(json.loads(response.content), self.SCRIPT)

    def test_without_a_script_staff_see_that_the_leg_probably_ended(self):
        response = self.post_freeclimb(call_event("outDialConnect"))
        self.assertEqual(response.content, b"[]")
        self.assertEqual(self.delivery().reason, "answered without a script")
        self.assertEqual(self.delivery().state, State.PROCESSED)

    def test_where_no_percl_is_expected_none_is_given_and_nothing_flagged(self):
        self.script()
        for body in (call_event("outDialConnect", callStatus="busy"), call_event("callStatus")):
            self.assertEqual(self.post_freeclimb(body).content, b"[]")
        self.assertEqual(set(Delivery.objects.values_list("reason", flat=True)), {""})
