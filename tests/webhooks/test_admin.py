"""The admin of the door and the inbox."""

import json
from unittest import mock

from django.utils.html import escape

from calls.keys import call_key
from calls.models import Call
from tests import factories
from tests.admin import AdminTestCase, address
from tests.webhooks.test_freeclimb_percl import UNSTORABLE
from webhooks import inbox
from webhooks.models import CallScript, Delivery, Endpoint, Secret, State
from webhooks.payloads import readable

CALL_ID = "CA" + "0" * 39 + "7"


def call_status(account, **changes):
    return {
        "requestType": "callStatus",
        "accountId": account.provider_account_id,
        "callId": CALL_ID,
        "from": "+13125550101",
        "to": "+13125550100",
        "direction": "inbound",
        "callStatus": "completed",
        "callDuration": 12,
    } | changes


class DeliveryPageTests(AdminTestCase):
    def test_the_payload_is_laid_out_and_escaped(self):
        body = b'{"name":"<script>alert(1)</script>","CallSid":1672649960.960}'
        page = self.open_row(factories.DeliveryFactory(body=body))
        self.assertNotContains(page, "<script>alert")
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;")
        self.assertContains(page, "  &quot;CallSid&quot;: 1672649960.960\n}")

    def test_query_and_headers_are_escaped_too(self):
        evil = "<img src=x>"
        delivery = factories.DeliveryFactory(query="a=%3Cimg+src=x%3E&b=2", headers={"X": evil})
        page = self.open_row(delivery)
        self.assertNotContains(page, evil)
        self.assertContains(page, "a = &lt;img src=x&gt;\nb = 2")

    def test_any_bytes_can_be_looked_at(self):
        for body in (b"", b"\xff\xfe\x00", b"[" * 60_000, "é".encode(), b"a=%ff&b", b"\x80" * 9):
            with self.subTest(body[:9]):
                form = "application/x-www-form-urlencoded"
                self.open_row(factories.DeliveryFactory(body=body))
                self.open_row(factories.DeliveryFactory(body=body, content_type=form))
        self.assertEqual(readable(b"\xff{"), "\\xff{")

    def test_what_laying_out_would_blow_up_is_shown_as_it_came(self):
        body = b"[" * 700 + b"1," * 31_000 + b"1" + b"]" * 700
        page = self.open_row(factories.DeliveryFactory(body=body))
        self.assertContains(page, "shown as it came")
        self.assertContains(page, body.decode())
        self.assertLess(len(page.content), 200_000)
        flat = readable(b"[" + b"1," * 31_000 + b"1]")
        self.assertEqual(flat.count("\n  1"), 31_001)

    def test_a_form_has_a_line_for_each_field(self):
        form = "application/x-www-form-urlencoded; charset=utf-8"
        self.assertEqual(
            readable(b"CallSid=1.960&Status=&x=a+b", form), "CallSid = 1.960\nStatus = \nx = a b"
        )
        self.assertEqual(readable(b'{"a":1}', form), '{\n  "a": 1\n}')

    def test_the_exact_bytes_are_a_download_away(self):
        delivery = factories.DeliveryFactory(body=b"\xff")
        url = f"/api/v1/deliveries/{delivery.pk}/body"
        self.assertContains(self.open_row(delivery), f'href="{url}"')
        self.look_only()
        self.assertEqual(self.client.get(url).content, b"\xff")

    def test_a_delivery_is_found_by_the_call_it_is_about(self):
        endpoint = factories.EndpointFactory()
        call = call_key(endpoint.account_id, CALL_ID)
        wanted = factories.DeliveryFactory(endpoint=endpoint, subject=call)
        factories.DeliveryFactory()
        for term in (CALL_ID, str(call), str(wanted.id)):
            with self.subTest(term):
                self.assertEqual(self.listed(Delivery, q=term), [wanted])

    def test_the_list_can_be_narrowed_to_a_subject_or_an_endpoint(self):
        wanted = factories.DeliveryFactory()
        factories.DeliveryFactory()
        self.assertEqual(self.listed(Delivery, subject__exact=wanted.subject), [wanted])
        self.assertEqual(self.listed(Delivery, endpoint__id__exact=wanted.endpoint_id), [wanted])


class ProcessAgainTests(AdminTestCase):
    def failed(self, body, **more):
        more = {"state": State.FAILED, "reason": "It was not understood."} | more
        return factories.DeliveryFactory(body=body, **more)

    def process(self, *deliveries, **more):
        given = {"action": "process_again", "_selected_action": [one.pk for one in deliveries]}
        page = self.client.post(address(Delivery, "changelist"), given | more, follow=True)
        for delivery in deliveries:
            delivery.refresh_from_db()
        return [str(message) for message in page.context["messages"]]

    def test_what_is_understood_now_becomes_a_call(self):
        endpoint = factories.EndpointFactory()
        body = json.dumps(call_status(endpoint.account)).encode()
        delivery = self.failed(body, endpoint=endpoint)
        self.assertEqual(self.process(delivery), ["Processed 1; 0 failed."])
        self.assertEqual([delivery.state, delivery.attempts], [State.PROCESSED, 2])
        self.assertEqual(Call.objects.get().provider_call_id, CALL_ID)

    def test_what_still_fails_is_counted_and_says_why_on_its_row(self):
        endpoint = factories.EndpointFactory()
        good = self.failed(json.dumps(call_status(endpoint.account)).encode(), endpoint=endpoint)
        bad = self.failed(b"\xff", endpoint=endpoint)
        self.assertEqual(self.process(good, bad), ["Processed 2; 1 failed."])
        self.assertEqual([good.state, bad.state], [State.PROCESSED, State.FAILED])
        self.assertNotIn(bad.reason, ("", "It was not understood."))

    def test_it_takes_the_permission_to_change_deliveries(self):
        delivery = self.failed(b"{}")
        for permissions, allowed in (
            (["view_delivery"], False),
            (["view_delivery", "change_delivery"], True),
        ):
            self.client.force_login(factories.UserFactory(may=permissions))
            with self.subTest(permissions):
                self.assertEqual(b"process_again" in self.open_list(Delivery).content, allowed)
                self.process(delivery)
                self.assertEqual(delivery.attempts, 2 if allowed else 1)

    def test_nobody_edits_a_delivery_even_so(self):
        delivery = self.failed(b"{}")
        response = self.client.post(address(Delivery, "change", delivery.pk), {"reason": ""})
        self.assertEqual(response.status_code, 403)

    def test_too_many_are_left_to_the_command(self):
        deliveries = [self.failed(b"{}") for _ in range(3)]
        with mock.patch("webhooks.admin.deliveries.MOST_AGAIN", 2):
            (said,) = self.process(*deliveries)
        self.assertIn("process_deliveries", said)
        self.assertEqual([one.attempts for one in deliveries], [1, 1, 1])

    def test_a_busy_database_is_told_of(self):
        with mock.patch.object(inbox, "process_again", side_effect=inbox.Unavailable("locked")):
            said = self.process(self.failed(b"{}"))
        self.assertIn("The database was busy: locked", said)


class EndpointPageTests(AdminTestCase):
    def save(self, endpoint, **changes):
        given = {
            "label": endpoint.label,
            "region": endpoint.region,
            "time_zone": endpoint.time_zone,
            "agent_numbers": "\n".join(endpoint.agent_numbers),
            "active": "on",
        } | changes
        page = self.client.post(address(Endpoint, "change", endpoint.pk), given)
        endpoint.refresh_from_db()
        return page.context["adminform"].form.errors if page.status_code == 200 else {}

    def test_what_people_may_change_is_changed_and_checked(self):
        endpoint = factories.EndpointFactory(account__callerdesk=True)
        errors = self.save(
            endpoint,
            label="Pune",
            region="in",
            time_zone="Asia/Kolkata",
            agent_numbers="09000012345\r\n+919000054321\r\n\r\n9000012345",
            allow_unsigned="on",
        )
        self.assertEqual(errors, {})
        self.assertEqual([endpoint.label, endpoint.region], ["Pune", "IN"])
        self.assertEqual(endpoint.agent_numbers, ["+919000012345", "+919000054321"])
        self.assertTrue(endpoint.allow_unsigned)

    def test_an_endpoint_can_be_switched_off(self):
        endpoint = factories.EndpointFactory()
        self.save(endpoint, active="")
        self.assertFalse(endpoint.active)

    def test_what_cannot_be_is_refused_by_name(self):
        endpoint = factories.EndpointFactory()
        for name, value in {
            "time_zone": "Mars/Olympus",
            "region": "XX",
            "agent_numbers": "not a number",
        }.items():
            with self.subTest(name):
                self.assertEqual(list(self.save(endpoint, **{name: value})), [name])
        self.assertEqual(list(self.save(endpoint, time_zone="../../etc/passwd")), ["time_zone"])

    def test_an_endpoint_keeps_its_account(self):
        endpoint, other = factories.EndpointFactory(), factories.AccountFactory()
        account = endpoint.account
        self.save(endpoint, account=other.pk)
        self.assertEqual(endpoint.account, account)

    def test_secrets_are_hints_and_the_commands_that_change_them_are_shown(self):
        secret = factories.SecretFactory()
        token = factories.SecretFactory(endpoint=secret.endpoint, kind="token", value="f" * 64)
        pages = [self.open_row(row) for row in (secret, token, secret.endpoint)]
        pages += [self.open_list(model) for model in (Secret, Endpoint)]
        for page in pages:
            self.assertNotContains(page, secret.value)
            self.assertNotContains(page, token.value)
        page = self.open_row(secret.endpoint)
        self.assertContains(page, f"…{secret.hint}")
        command = f"python3 manage.py rotate_endpoint --id {secret.endpoint_id}"
        self.assertContains(page, f"{command} --new-token")
        self.assertContains(page, f"{command} --add-secret sigsec_…")

    def test_a_provider_that_does_not_sign_has_no_secrets_to_add(self):
        page = self.open_row(factories.EndpointFactory(account__callerdesk=True))
        self.assertContains(page, "--new-token")
        self.assertNotContains(page, "--add-secret")


class CallScriptPageTests(AdminTestCase):
    def add(self, endpoint, percl):
        given = {"endpoint": endpoint.pk, "request_type": "outDialConnect", "percl": percl}
        page = self.client.post(address(CallScript, "add"), given)
        return page.context["adminform"].form.errors if page.status_code == 200 else {}

    def test_a_script_that_would_run_is_saved(self):
        script = [{"Say": {"text": "Hello"}}]
        self.assertEqual(self.add(factories.EndpointFactory(), json.dumps(script)), {})
        self.assertEqual(CallScript.objects.get().percl, script)

    def test_a_script_that_would_fail_is_refused_with_the_place(self):
        endpoint = factories.EndpointFactory()
        for percl, said in {
            '{"Say": {"text": "Hello"}}': "array",
            '[{"Sing": {}}]': "Sing",
            "[]": "",
            "no JSON": "JSON",
        }.items():
            with self.subTest(percl):
                errors = self.add(endpoint, percl)
                self.assertEqual(list(errors), ["percl"])
                self.assertIn(said, str(errors["percl"]))
        self.assertFalse(CallScript.objects.exists())

    def test_what_no_database_would_take_is_refused_and_shown_as_it_was_typed(self):
        endpoint = factories.EndpointFactory()
        for percl in UNSTORABLE:
            with self.subTest(percl[:40]):
                given = {"endpoint": endpoint.pk, "request_type": "x", "percl": percl}
                page = self.client.post(address(CallScript, "add"), given)
                self.assertEqual(list(page.context["adminform"].form.errors), ["percl"])
                self.assertContains(page, escape(percl))
        self.assertFalse(CallScript.objects.exists())

    def test_only_freeclimb_is_answered_with_percl(self):
        endpoint = factories.EndpointFactory(account__callerdesk=True)
        errors = self.add(endpoint, '[{"Say": {"text": "Hello"}}]')
        self.assertEqual(list(errors), ["endpoint"])

    def test_the_choice_of_endpoints_costs_one_query(self):
        factories.EndpointFactory(label="")
        one = self.queries(address(CallScript, "add"))
        for _ in range(4):
            factories.EndpointFactory(label="")
        self.assertEqual(self.queries(address(CallScript, "add")), one)
