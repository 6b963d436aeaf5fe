"""What answers a webhook that expects PerCL, set from the command line."""

from io import StringIO
from unittest import mock

from django.core.management import CommandError
from django.test import TestCase

from tests.webhooks.commands import run_json
from tests.webhooks.door import Door, call_event
from webhooks.models import CallScript


class CallScriptCommandTests(Door, TestCase):
    def set_script(self, text, **options):
        options = {"endpoint": str(self.freeclimb.id), "request_type": "outDialConnect"} | options
        with mock.patch("sys.stdin", StringIO(text)):
            return run_json("set_call_script", "-", **options)

    def test_a_script_is_checked_stored_and_replaced(self):
        told = self.set_script('[{"Say": {"text": "Hello"}}]')
        self.assertEqual((told["commands"], told["created"], told["to"]), (1, True, None))
        told = self.set_script('[{"Hangup": {}}]')
        self.assertFalse(told["created"])
        self.assertEqual(CallScript.objects.get().percl, [{"Hangup": {}}])
        self.assertEqual(self.post_freeclimb(call_event("outDialConnect")).json(), [{"Hangup": {}}])

    def test_a_script_is_found_by_the_number_as_freeclimb_writes_it(self):
        told = self.set_script('[{"Hangup": {}}]', to="(312) 944-0101", request_type="inboundCall")
        self.assertEqual(told["to"], "+13129440101")
        told = self.set_script('[{"Hangup": {}}]', to="sip:desk@example.com")
        self.assertEqual(told["to"], "sip:desk@example.com")

    def test_a_script_that_would_never_be_looked_for_is_refused(self):
        for options in (
            {"request_type": "callStatus"},
            {"request_type": "x" * 65},
            {"request_type": "two words"},
            {"to": "banana"},
            {"to": "+1" + "2" * 70},
        ):
            with self.assertRaises(CommandError, msg=options):
                self.set_script('[{"Hangup": {}}]', **options)
        self.assertFalse(CallScript.objects.exists())

    def test_a_script_that_would_fail_is_refused_with_the_place(self):
        with self.assertRaisesMessage(CommandError, "command 1"):
            self.set_script('[{"GetDigits": {}}]')
        for text in ("{", '{"Say": {}}', "[1]"):
            with self.assertRaises(CommandError, msg=text):
                self.set_script(text)
        with self.assertRaises(CommandError):
            self.set_script("[]", endpoint=str(self.callerdesk.id))
        self.assertFalse(CallScript.objects.exists())
