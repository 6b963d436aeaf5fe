"""What needs attention: grouped by what is wrong, within bounds."""

import json
from datetime import timedelta
from unittest import mock

from django.test import SimpleTestCase
from django.urls import reverse
from django.utils.timezone import now

from calltrack.models import AuditEntry, Job
from tests import factories
from tests.admin import AdminTestCase, address
from tests.webhooks.door import call_event
from webhooks import again, attention, inbox
from webhooks.deliveries import build, build_test
from webhooks.matching import Matching, pattern, what_is_wrong
from webhooks.models import Delivery, State


class WhatIsWrongTests(SimpleTestCase):
    def test_ids_numbers_and_values_do_not_matter(self):
        for one, other in (
            ("line 1 column 17 (char 16)", "line 3 column 2 (char 160)"),
            (
                "account id AC00a1 is not this endpoint's, ACff09",
                "account id AC9 is not this endpoint's, ACff09",
            ),
            ('unread numbers: callDuration "soon"', 'unread numbers: callDuration "12,5"'),
            ('bad times: StartTime "x", EndTime "y"', 'bad times: StartTime "1", EndTime "2"'),
            ("Key (id)=(+13125550107) exists", "Key (id)=(09000000001) exists"),
            ("ValueError: a\nTraceback 1", "ValueError: a\nTraceback 2"),
        ):
            with self.subTest(one):
                self.assertEqual(what_is_wrong(one), what_is_wrong(other))

    def test_words_do(self):
        for one, other in (
            ('unknown words: callStatus "vanished"', 'unknown words: callStatus "gone"'),
            ('unknown type "sms"', 'unknown type "fax"'),
            ("the body is empty", "the JSON is no object"),
            (
                'unread numbers: a "x"; unknown words: b "y"',
                'unread numbers: a "x"; unknown words: b "z"',
            ),
        ):
            with self.subTest(one):
                self.assertNotEqual(what_is_wrong(one), what_is_wrong(other))


class NeedsAttentionTests(AdminTestCase):
    url = reverse("admin:needs_attention")

    def failed(self, reason, **more):
        more = {"state": State.FAILED, "received_at": now() - timedelta(hours=2)} | more
        return factories.DeliveryFactory(reason=reason, **more)

    def groups(self):
        return self.open(self.url).context["groups"]

    def test_what_is_wrong_alike_is_one_group(self):
        first = self.failed("line 1 column 2", received_at=now() - timedelta(days=3))
        last = self.failed("line 9 column 9")
        self.failed("line 9 column 9", received_at=now() - timedelta(days=1))
        self.failed("line 1 column 2", kind="other")
        self.failed("line 1 column 2", state=State.IGNORED)
        self.failed("line 1 column 2", state=State.PROCESSED)
        groups = self.groups()
        self.assertEqual([group.many for group in groups], [3, 1, 1, 1])
        self.assertEqual(groups[0].example, last.pk)
        self.assertEqual([groups[0].first, groups[0].last], [first.received_at, last.received_at])

    def test_what_is_well_or_harmless_or_old_is_left_out(self):
        endpoint = factories.EndpointFactory()
        event = call_event(accountId=endpoint.account.provider_account_id)
        factories.DeliveryFactory(received_at=now())
        self.failed("too long ago", received_at=now() - timedelta(days=31))
        for delivery in (
            build(endpoint, method="POST", body=json.dumps(event).encode()),
            build_test(endpoint),
            build(
                factories.EndpointFactory(account__callerdesk=True),
                method="POST",
                body=b"type=ping",
            ),
        ):
            inbox.store([delivery])
        self.assertEqual(Delivery.objects.filter(state=State.IGNORED).count(), 2)
        self.assertEqual(self.groups(), [])

    def test_it_says_so_when_nothing_is_wrong(self):
        self.assertContains(self.open(self.url), "Nothing needs attention")

    def test_what_real_deliveries_say_is_found(self):
        endpoint = factories.EndpointFactory()
        theirs = endpoint.account.provider_account_id
        for n in range(3):
            body = (
                f'{{"requestType":"callStatus","accountId":"{theirs}","callId":"CA{n:040}",'
                f'"callStatus":"vanished"}}'
            )
            inbox.store([build(endpoint, method="POST", body=body.encode())])
        (group,) = self.groups()
        self.assertEqual([group.state, group.many], [State.PROCESSED, 3])
        self.assertIn("vanished", group.wrong)

    def test_what_was_never_processed_is_told_but_not_what_just_came(self):
        self.failed("", state=State.RECEIVED, received_at=now())
        self.assertEqual(self.groups(), [])
        self.failed("", state=State.RECEIVED)
        (group,) = self.groups()
        self.assertEqual(group.state, State.RECEIVED)

    def test_the_link_leads_to_those_of_the_group_alone(self):
        wanted = [self.failed("line 1"), self.failed("line 2")]
        self.failed("column 1")
        self.failed("line 1", kind="other")
        group = next(group for group in self.groups() if group.many == 2)
        page = self.open(f"{address(Delivery, 'changelist')}?{group.query()}")
        self.assertEqual({row.pk for row in page.context["rows"]}, {one.pk for one in wanted})
        self.assertContains(page, "line …")

    def test_a_group_is_processed_again_as_a_job(self):
        wanted, other = self.failed("line 1"), self.failed("column 1")
        group = next(group for group in self.groups() if "line" in group.wrong)
        page = self.client.post(f"{self.url}?{group.query()}", follow=True)
        job = Job.objects.get()
        self.assertContains(page, address(Job, "change", job.pk))
        found = Matching.from_arguments(job.arguments).queryset()
        self.assertEqual(list(found), [wanted])
        self.assertEqual(AuditEntry.objects.get().object_id, str(job.pk))
        self.assertEqual([job.kind, other.attempts], [again.KIND, 1])

    def test_a_post_that_names_no_group_starts_nothing(self):
        self.failed("line 1")
        for query in ("", "?state=gone", "?from=soon"):
            self.client.post(self.url + query)
        self.assertFalse(Job.objects.exists())

    def test_who_may_only_look_gets_no_button_and_no_job(self):
        self.failed("line 1")
        self.look_only()
        self.assertNotContains(self.open(self.url), "Process these again")
        self.assertEqual(self.client.post(f"{self.url}?state=failed").status_code, 403)
        self.client.force_login(factories.UserFactory())
        self.assertEqual(self.client.get(self.url).status_code, 403)

    def test_numbers_in_reasons_are_in_no_group_and_no_address(self):
        self.failed('unknown words: direction "+13125550107"')
        self.look_only()
        self.assertNotContains(self.open(self.url), "5550107")

    def test_the_work_is_bounded_and_says_so(self):
        for n in range(5):
            self.failed(f"a word {'abcde'[n]}", received_at=now() - timedelta(hours=n + 1))
        one = self.queries(self.url)
        with (
            mock.patch.object(attention, "LOOKED_AT", 3),
            mock.patch.object(attention, "MOST_GROUPS", 2),
        ):
            page = self.open(self.url)
        wrong = [group.wrong for group in page.context["groups"]]
        self.assertEqual(wrong, ["a word a", "a word b"])
        self.assertContains(page, "the newest 3 were looked at")
        self.assertContains(page, "1 more group")
        for _ in range(5):
            self.failed("another word")
        self.assertEqual(self.queries(self.url), one)
        self.assertLessEqual(one, 15)


class PatternTests(AdminTestCase):
    def test_the_database_reads_a_pattern_as_it_is_meant(self):
        reason = 'unknown words: a.b "x* [y] (z)"; char 16 {1} ^$ \\ + ?'
        other = 'unknown words: aXb "x* [y] (z)"; char 16 {1} ^$ \\ + ?'
        wanted = factories.DeliveryFactory(state=State.FAILED, reason=reason)
        factories.DeliveryFactory(state=State.FAILED, reason=other)
        found = Delivery.objects.filter(reason__regex=pattern(what_is_wrong(reason)))
        self.assertEqual(list(found), [wanted])
