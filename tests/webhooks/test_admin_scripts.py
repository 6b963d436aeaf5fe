"""Call scripts in the admin: checked before they are saved, shown as they were typed."""

import json

from django.utils.html import escape

from tests import factories
from tests.admin import AdminTestCase, address
from tests.webhooks.test_freeclimb_percl import UNSTORABLE
from webhooks.models import CallScript

ADD = address(CallScript, "add")


class CallScriptPageTests(AdminTestCase):
    def add(self, endpoint, percl, **more):
        given = {"endpoint": endpoint.pk, "request_type": "outDialConnect", "percl": percl} | more
        page = self.client.post(ADD, given)
        return page.context["adminform"].form.errors if page.status_code == 200 else {}

    def test_a_script_that_would_run_is_saved(self):
        script = [{"Say": {"text": "Hello"}}]
        self.assertEqual(self.add(factories.EndpointFactory(), json.dumps(script)), {})
        self.assertEqual(CallScript.objects.get().percl, script)

    def test_an_empty_form_is_empty_and_shows_an_example(self):
        page = self.open(ADD)
        self.assertRegex(page.content.decode(), r'<textarea name="percl"[^>]*>\s*</textarea>')
        self.assertContains(page, "Thank you for calling")

    def test_a_saved_script_is_laid_out_for_people(self):
        script = factories.CallScriptFactory(percl=[{"Say": {"text": "Grüß Gott"}}])
        laid_out = json.dumps(script.percl, indent=2, ensure_ascii=False)
        self.assertContains(self.open_row(script), escape(laid_out))

    def test_a_script_that_would_fail_is_refused_with_the_command_and_why(self):
        endpoint = factories.EndpointFactory()
        for percl, said in {
            '{"Say": {"text": "Hello"}}': "A script is an array of commands",
            '[{"Sing": {}}]': 'Command 1: there is no command "Sing"',
            '[{"say": {"text": "x"}}]': 'did you mean "Say"?',
            '[{"Pause": {"length": 1}}, {"Say": {}}]': "Command 2, Say: text is missing",
            '[{"Say": {"text": 5}}]': "Command 1, Say: text is not a text",
            '[{"Hangup": {}}, {"Pause": {"length": 1}}]': "Command 2, Pause: never reached",
            "[]": "say at least one",
            "": "say at least one",
            '[{"Say": }]': "line 1, column 10",
        }.items():
            with self.subTest(percl):
                errors = self.add(endpoint, percl)
                self.assertEqual(list(errors), ["percl"])
                self.assertIn(said, " ".join(errors["percl"]))
        self.assertFalse(CallScript.objects.exists())

    def test_what_no_database_would_take_is_refused_and_shown_as_it_was_typed(self):
        endpoint = factories.EndpointFactory()
        for percl in UNSTORABLE:
            with self.subTest(percl[:40]):
                given = {"endpoint": endpoint.pk, "request_type": "outDialConnect", "percl": percl}
                page = self.client.post(ADD, given)
                self.assertEqual(list(page.context["adminform"].form.errors), ["percl"])
                self.assertContains(page, escape(percl))
        self.assertFalse(CallScript.objects.exists())

    def test_what_it_answers_is_kept_as_it_will_be_looked_up(self):
        endpoint = factories.EndpointFactory()
        script = '[{"Hangup": {}}]'
        self.assertEqual(self.add(endpoint, script, called_number=" (312) 555-0107 "), {})
        self.assertEqual(CallScript.objects.get().called_number, "+13125550107")
        errors = self.add(endpoint, script, called_number="312-555-0107")
        self.assertIn("already exists", str(errors))
        self.assertEqual(list(self.add(endpoint, script, called_number="x")), ["called_number"])
        for type_ in ("callStatus", "no such type"):
            with self.subTest(type_):
                errors = self.add(endpoint, script, request_type=type_)
                self.assertEqual(list(errors), ["request_type"])

    def test_only_freeclimb_is_answered_with_percl(self):
        endpoint = factories.EndpointFactory(account__callerdesk=True)
        errors = self.add(endpoint, '[{"Say": {"text": "Hello"}}]')
        self.assertEqual(list(errors), ["endpoint"])

    def test_the_choice_of_endpoints_costs_one_query(self):
        factories.EndpointFactory(label="")
        one = self.queries(ADD)
        for _ in range(4):
            factories.EndpointFactory(label="")
        self.assertEqual(self.queries(ADD), one)

    def test_without_full_numbers_none_is_shown_and_nothing_is_edited(self):
        script = factories.CallScriptFactory(
            called_number="+13125550107", percl=[{"Say": {"text": "Call +1 312 555 0107"}}]
        )
        url = address(CallScript, "change", script.pk)
        may = ["view_callscript", "change_callscript", "add_callscript"]
        self.client.force_login(factories.UserFactory(may=may))
        for page in (self.open_list(CallScript), self.open(url), self.open(url[:-7] + "history/")):
            for hidden in ("5550107", "555 0107"):
                self.assertNotContains(page, hidden)
        self.assertEqual(self.client.post(url, {"percl": "[]"}).status_code, 403)
        self.assertEqual(self.client.get(ADD).status_code, 403)
        self.assertContains(self.open_list(CallScript), "0107")

    def test_who_may_look_reads_it_laid_out(self):
        script = factories.CallScriptFactory(percl=[{"Say": {"text": "Grüß Gott"}}])
        may = ["view_callscript", "see_full_numbers"]
        self.client.force_login(factories.UserFactory(may=may))
        page = self.open_row(script)
        self.assertContains(page, escape(json.dumps(script.percl, indent=2, ensure_ascii=False)))
        self.assertContains(page, script.called_number)
        self.assertNotContains(page, "<textarea")
