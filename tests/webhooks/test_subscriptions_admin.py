"""Subscriptions in the admin: made, changed, stopped, tried, delivered again; who may."""

import re
from datetime import timedelta
from uuid import uuid4

from django.utils.timezone import now

from calltrack.models import AuditEntry, Job
from calltrack.worker import Worker
from tests import factories
from tests.admin import AdminTestCase, address
from tests.people import member
from webhooks import subscriptions
from webhooks.admin.messages import MOST_CHOSEN
from webhooks.jobs import JOBS
from webhooks.models import Attempt, Message, Subscription

LIST, ADD = address(Subscription, "changelist"), address(Subscription, "add")
GIVEN = {
    "name": "CRM",
    "url": "https://crm.example.com/in",
    "events": ["call.finalized", "call.started"],
    "filter": " missed=true ",
}


class SubscriptionsTestCase(AdminTestCase):
    def post(self, name, row, follow=True, **given):
        return self.client.post(address(type(row), name, row.pk), given, follow=follow)

    def said(self, page):
        return [str(message) for message in page.context["messages"]]

    def noted(self):
        return list(AuditEntry.objects.order_by("at").values_list("action", "details__what"))

    def work(self):
        """What a worker does with the jobs that wait."""
        Worker(JOBS, {}).run_due()


class MakingTests(SubscriptionsTestCase):
    def test_one_is_made_once_and_its_secret_shown_once(self):
        given = GIVEN | {"key": str(uuid4()), "full_numbers": "on"}
        page = self.client.post(ADD, given)
        row = Subscription.objects.get()
        self.assertContains(page, row.secret)
        self.assertIn("no-store", page["Cache-Control"])
        self.assertEqual(row.events, ["call.started", "call.finalized"])
        self.assertEqual((row.filter, row.full_numbers), ("missed=true", True))
        self.assertEqual((row.created_by, row.integration), (self.superuser.username, None))
        self.assertEqual(self.noted(), [("subscription", "created")])
        again = self.client.post(ADD, given)
        self.assertContains(again, "This subscription was made already.")
        self.assertEqual(Subscription.objects.count(), 1)
        for path in (LIST, address(Subscription, "change", row.pk)):
            self.assertNotContains(self.open(path), row.secret)

    def test_what_cannot_be_is_refused_by_name(self):
        for name, value in {
            "name": "",
            "url": "http://crm.example.com/",
            "events": "call.gone",
            "filter": "missing=true",
        }.items():
            page = self.client.post(ADD, GIVEN | {"key": str(uuid4()), name: value})
            self.assertEqual(list(page.context["form"].errors), [name])
        masked = GIVEN | {"key": str(uuid4()), "filter": "number=54321"}
        page = self.client.post(ADD, masked)
        self.assertEqual(list(page.context["form"].errors), ["filter"])
        page = self.client.post(ADD, GIVEN | {"key": str(uuid4()), "url": "https://[::1]/"})
        self.assertEqual(list(page.context["form"].errors), ["url"])
        self.assertEqual(Subscription.objects.count(), 0)

    def test_it_is_changed_and_what_changed_is_written_down(self):
        row = factories.SubscriptionFactory(state="paused")
        page = self.client.post(address(Subscription, "change", row.pk), GIVEN, follow=True)
        self.assertEqual(self.said(page), ["Saved."])
        row.refresh_from_db()
        self.assertEqual((row.name, row.state), ("CRM", "paused"))
        entry = AuditEntry.objects.get()
        fields = ["name", "url", "events", "filter"]
        self.assertEqual(entry.details, {"what": "settings", "fields": fields})
        page = self.client.post(address(Subscription, "change", row.pk), GIVEN, follow=True)
        self.assertEqual(self.said(page), ["Nothing was changed."])


class ButtonTests(SubscriptionsTestCase):
    def setUp(self):
        super().setUp()
        self.row = factories.SubscriptionFactory()

    def test_it_is_paused_and_resumed(self):
        for name, state in (("pause", "paused"), ("resume", "active")):
            self.post(name, self.row)
            self.row.refresh_from_db()
            self.assertEqual(self.row.state, state)
        self.assertEqual(self.noted(), [("subscription", "paused"), ("subscription", "resumed")])

    def test_its_secret_is_replaced_with_overlap(self):
        former, hint = self.row.secret, subscriptions.hint(self.row.secret)
        page = self.post("rotate", self.row, after=hint)
        self.row.refresh_from_db()
        self.assertContains(page, self.row.secret)
        self.assertEqual(self.row.former_secret, former)
        self.assertNotEqual(self.row.secret, former)
        page = self.post("rotate", self.row, after=hint)
        self.assertEqual(self.said(page), ["The former secret still signs: drop it first."])
        self.post("drop", self.row)
        page = self.post("rotate", self.row, after=hint)  # sent twice by mistake
        self.assertEqual(self.said(page), ["There is a newer secret already."])
        secret = self.row.secret
        self.row.refresh_from_db()
        self.assertEqual((self.row.secret, self.row.former_secret), (secret, ""))

    def test_a_test_is_queued_and_shown(self):
        page = self.post("test", self.row)
        message = Message.objects.get()
        self.assertEqual(page.context["message"], message)
        self.assertEqual((message.event, message.state), ("test", "queued"))

    def test_it_is_deleted_after_a_question_and_its_messages_with_it(self):
        factories.AttemptFactory.create_batch(3, message__subscription=self.row)
        kept = factories.AttemptFactory()
        self.open(address(Subscription, "delete", self.row.pk))
        self.assertEqual(Subscription.objects.filter(state="active").count(), 2)
        page = self.post("delete", self.row)
        self.assertNotContains(page, str(self.row.pk))
        self.work()
        self.assertEqual(list(Subscription.objects.all()), [kept.message.subscription])
        self.assertEqual(list(Message.objects.all()), [kept.message])
        self.assertEqual(list(Attempt.objects.all()), [kept])
        self.assertEqual(Job.objects.get().message, "A subscription and 3 messages deleted.")


class RedeliveryTests(SubscriptionsTestCase):
    def setUp(self):
        super().setUp()
        self.row = factories.SubscriptionFactory()

    def message(self, **columns):
        return factories.MessageFactory(subscription=self.row, **columns)

    def failed(self, days):
        return self.message(state="failed", created_at=now() - timedelta(days=days))

    def states(self):
        return list(self.row.messages.order_by("created_at").values_list("state", flat=True))

    def test_one(self):
        page = self.post("redeliver", self.failed(1))
        self.assertEqual(self.said(page), ["The message is queued to be delivered again."])
        self.assertEqual(self.states(), ["queued"])
        page = self.post("redeliver", Message.objects.get())
        self.assertEqual(self.said(page), ["This message is queued already."])

    def test_a_selection_from_its_page_and_from_the_list(self):
        for path, more in (
            (address(Subscription, "redeliver", self.row.pk), {}),
            (address(Message, "changelist"), {"action": "redeliver"}),
        ):
            Message.objects.all().delete()
            chosen = [self.failed(3), self.message(state="delivered")]
            left = self.failed(2)
            given = {"_selected_action": [one.pk for one in chosen]} | more
            self.client.post(path, given)
            left.refresh_from_db()
            self.assertEqual(left.state, "failed")
            self.assertEqual(self.states().count("queued"), 2)

    def test_others_messages_and_too_many_are_refused(self):
        other = factories.MessageFactory(state="failed")
        page = self.post("redeliver", self.row, _selected_action=[other.pk, "nonsense"])
        self.assertIn("Choose from 1", self.said(page)[0])
        Message.objects.bulk_create(
            Message(id=uuid4(), subscription=self.row, subject=uuid4(), number=n, state="failed")
            for n in range(MOST_CHOSEN + 1)
        )
        given = {"action": "redeliver", "select_across": "1", "_selected_action": [other.pk]}
        self.client.post(address(Message, "changelist"), given)
        self.assertNotIn("queued", Message.objects.values_list("state", flat=True))

    def test_all_that_failed_since_as_a_job(self):
        self.failed(8)
        self.failed(2)
        self.failed(1)
        self.message(state="delivered", created_at=now())
        factories.MessageFactory(state="failed", created_at=now())
        page = self.post("redeliver", self.row, since="7d")
        self.assertIn("How far is it?", self.said(page)[0])
        self.assertEqual(self.states().count("queued"), 0)
        self.work()
        self.assertEqual(self.states(), ["failed", "queued", "queued", "delivered"])
        job = Job.objects.get()
        self.assertEqual((job.state, job.done, job.total), ("done", 2, 2))
        self.assertEqual(AuditEntry.objects.get().action, "redeliver")


class ShownTests(SubscriptionsTestCase):
    def test_the_list_tells_how_each_fares(self):
        row = factories.SubscriptionFactory(failures=7, state="stopped", reason="It answered 410.")
        factories.MessageFactory.create_batch(3, subscription=row)
        factories.MessageFactory(subscription=row, state="delivered")
        page = self.open(LIST)
        self.assertEqual([str(one.queued) for one in page.context["rows"]], ["3"])
        self.assertContains(page, "Stopped")
        self.assertContains(page, "It answered 410.")

    def test_a_queue_is_not_counted_to_its_end(self):
        row = factories.SubscriptionFactory()
        Message.objects.bulk_create(
            Message(id=uuid4(), subscription=row, subject=uuid4(), number=n) for n in range(1_001)
        )
        self.assertEqual(str(self.open(LIST).context["rows"][0].queued), "1,000+")

    def test_a_stopped_target_is_told_of_on_the_home_page_and_where_attention_is_needed(self):
        factories.SubscriptionFactory(name="Warehouse", state="stopped", reason="It is gone.")
        factories.SubscriptionFactory(name="Pager", state="paused")
        for person in (self.superuser, member("Viewer")):
            self.client.force_login(person)
            self.assertContains(self.open("/admin/"), "1 subscription is stopped:")
            for path in ("/admin/needs-attention/", LIST):
                page = self.open(path)
                self.assertEqual([one.name for one in page.context["stopped"]], ["Warehouse"])
                self.assertContains(page, "It is gone.")
        Subscription.objects.update(state="active")
        self.assertNotContains(self.open("/admin/"), "stopped:")

    def test_tries_are_shown_and_nothing_of_an_answer_is_run(self):
        row = factories.SubscriptionFactory()
        message = factories.MessageFactory(subscription=row, state="failed", attempts=1)
        factories.AttemptFactory(message=message, status=503, answer="<script>x</script>")
        for path in (
            address(Subscription, "change", row.pk),
            address(Message, "change", message.pk),
            address(Attempt, "changelist"),
        ):
            page = self.open(path)
            self.assertContains(page, "503")
            self.assertContains(page, "&lt;script&gt;x&lt;/script&gt;")
            self.assertNotContains(page, "<script>x")

    def test_who_may_not_change_it_sees_no_path_of_a_target(self):
        row = factories.SubscriptionFactory(url="https://crm.example.com/secret-path?key=1")
        path = address(Subscription, "change", row.pk)
        self.assertContains(self.open(path), "secret-path")
        self.client.force_login(member("Supervisor"))
        page = self.open(path)
        self.assertNotContains(page, "secret-path")
        self.assertContains(page, "https://crm.example.com/…")
        for name in ("pause", "rotate", "test", "redeliver", "delete", "change"):
            self.assertEqual(self.post(name, row, follow=False).status_code, 403, name)

    def test_messages_are_filtered_within_a_subscription(self):
        row = factories.SubscriptionFactory()
        failed = factories.MessageFactory(subscription=row, state="failed", event="call.started")
        factories.MessageFactory(subscription=row)
        factories.MessageFactory(state="failed")
        self.assertEqual(len(self.listed(Message)), 3)
        self.assertEqual(len(self.listed(Message, subscription=row.pk)), 2)
        self.assertEqual(self.listed(Message, subscription=row.pk, state="failed"), [failed])
        self.assertEqual(self.listed(Message, subscription=row.pk, event="call.started"), [failed])
        filters = self.open_list(Message).context["cl"].filter_specs
        self.assertEqual([one.title for one in filters], ["subscription"])
        self.open_list(Message, subscription="nonsense")

    def test_its_page_takes_the_same_queries_for_many_messages(self):
        row = factories.SubscriptionFactory()
        path = address(Subscription, "change", row.pk)
        factories.AttemptFactory(message__subscription=row)
        one = self.queries(path)
        factories.AttemptFactory.create_batch(20, message__subscription=row)
        self.assertEqual(self.queries(path), one)
        self.assertLessEqual(one, 15)
        told = re.findall(
            r"/admin/webhooks/message/[0-9a-f-]{36}/", self.open(path).content.decode()
        )
        self.assertEqual(len(told), 15)
