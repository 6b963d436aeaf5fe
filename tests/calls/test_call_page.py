"""A call's page: everything that belongs to it, for those who may see it, at a constant price."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.choices import Direction, Side, Status, Strength
from calls.models import Agent, Call, Conference, ServiceNumber, Tag
from calltrack.models import AuditEntry
from tests import factories
from tests.admin import AdminTestCase, address
from tests.factories import NOON, after

MOST_QUERIES = 15


def full_call(**more):
    """A call with a leg, a child, a conference, a recording, deliveries and a label."""
    call = factories.CallFactory(
        started_at=NOON,
        answered_at=after(12),
        ended_at=after(212),
        begun_at=NOON,
        waited_seconds=12,
        talk_seconds=200,
        strength=Strength.FINAL,
        **more,
    )
    add_to(call)
    return call


def add_to(call):
    child = factories.CallFactory(
        account=call.account, parent=call, direction=Direction.OUTBOUND_DIAL, begun_at=after(3)
    )
    times = {"started_at": after(3), "answered_at": after(12), "ended_at": after(212)}
    leg = factories.LegFactory(call=call, connected_call=child, **times)
    return [
        child,
        leg,
        factories.RecordingFactory(call=call),
        factories.ParticipantFactory(call=call, conference__account=call.account),
        factories.DeliveryFactory(subject=call.id, received_at=after(60)),
    ]


class CallPageTests(AdminTestCase):
    def test_it_links_to_what_belongs_to_it(self):
        call = factories.CallFactory()
        belonging = add_to(call)
        page = self.open_row(call)
        for row in belonging:
            with self.subTest(row):
                self.assertContains(page, address(type(row), "change", row.pk))
        self.assertContains(self.open_row(belonging[0]), address(Call, "change", call.pk))

    def test_the_story_stands_at_its_head(self):
        call = full_call(agent_number="+13125550199", agent_name="asha", agent_answered=True)
        for model, number, more in (
            (ServiceNumber, call.service_number, {"label": "Support line", "source": "Flyer"}),
            (Agent, call.agent_number, {"name": "Asha K."}),
        ):
            model.objects.create(account=call.account, number=number, **more)
        page = self.open_row(call)
        self.assertContains(
            page,
            f"Inbound from {call.customer_number} to Support line, waited 12 s, "
            "answered by Asha K., talked 3 min 20 s, recorded.",
        )
        self.assertContains(page, "Source: Flyer")

    def test_a_picture_shows_each_leg(self):
        page = self.open_row(full_call())
        picture = page.context["picture"]
        self.assertEqual(
            [span.kind for lane in picture.lanes for span in lane.spans][:3],
            ["ring", "talk", "conference"],
        )
        self.assertContains(page, 'role="img" aria-labelledby="timeline-title timeline-desc"')
        self.assertContains(page, "ringing from 12:00:03 to 12:00:12; connected from 12:00:12")
        self.assertContains(page, "The same as a table")
        self.assertNotRegex(page.content.decode(), r"\sstyle=|<style|<script>")

    def test_calls_of_which_little_is_known_have_a_page(self):
        for known in (
            {},
            {"started_at": None},
            {"ended_at": NOON - timedelta(days=1), "started_at": NOON},
            {"is_over": False, "status": Status.RINGING},
            {"direction": Direction.UNKNOWN, "status": Status.UNKNOWN, "from_number": ""},
            {"parent_id": factories.uuid4(), "is_root": False},
            {"claims": {"c": "no list", "f": {"status": 7}}},
            {"claims": {"c": [["?"]], "f": {"status": 0, "unheard": 0}}},
        ):
            with self.subTest(known):
                self.open_row(factories.CallFactory(**known))

    def test_a_stranger_to_us_is_not_found(self):
        for wrong in (factories.uuid4(), "nonsense"):
            self.assertEqual(self.client.get(address(Call, "change", wrong)).status_code, 404)

    def test_nobody_edits_a_call(self):
        page = address(Call, "change", factories.CallFactory().pk)
        self.assertEqual(self.client.post(page, {"status": "busy"}).status_code, 403)

    def test_it_takes_the_permission_to_look(self):
        call = full_call()
        self.client.force_login(factories.UserFactory())
        for page in ("change", "why", "older"):
            url = f"/admin/calls/call/{call.pk}/{page}/"
            self.assertEqual(self.client.get(url).status_code, 403, page)

    def test_what_strangers_sent_is_escaped(self):
        evil = "<script>alert(1)</script>"
        call = factories.CallFactory(
            provider_call_id=evil,
            from_number=evil,
            group_name=evil,
            agent_name=evil,
            flags=[evil],
            provider_status=evil,
        )
        child = factories.CallFactory(account=call.account, parent=call, to_number=evil)
        factories.LegFactory(call=call, connected_call=child, name=evil)
        factories.ParticipantFactory(call=call, conference__alias=evil)
        factories.DeliveryFactory(subject=call.pk, body=evil.encode(), kind=evil, reason=evil)
        for page in (self.open_row(call), self.open_row(child)):
            self.assertNotContains(page, evil)
            self.assertContains(page, "&lt;script&gt;")

    def test_a_step_leads_along_the_list_one_came_from(self):
        calls = [
            factories.CallFactory(begun_at=after(n), status=status, missed=status == "busy")
            for n, status in enumerate(["busy", "completed", "busy"])
        ]
        urls = [address(Call, "change", call.pk) for call in calls]
        step = f"/admin/calls/call/{calls[0].pk}/newer/"
        self.assertRedirects(self.client.get(step), urls[1])
        behind = "?from=status%3Dbusy"
        self.assertRedirects(self.client.get(step + behind), urls[2] + behind)
        self.assertContains(self.open(urls[2] + behind), 'href="/admin/calls/call/?status=busy"')
        page = self.client.get(f"/admin/calls/call/{calls[0].pk}/older/", follow=True)
        self.assertContains(page, "There is no older call in the list.")

    def test_the_customers_other_calls_are_a_click_away(self):
        call = factories.CallFactory()
        other, stranger = (
            factories.CallFactory(from_number=number)
            for number in (call.customer_number, "+13125559999")
        )
        page = self.open_row(call)
        self.assertContains(page, address(Call, "change", other.pk))
        self.assertNotContains(page, address(Call, "change", stranger.pk))
        self.assertContains(page, f"/admin/calls/call/?customer_of={call.pk}")


class TreeTests(AdminTestCase):
    def nodes(self, call):
        return [(one.call, one.depth, one.current) for one in self.open_row(call).context["nodes"]]

    def test_a_family_is_shown_from_its_top(self):
        top = factories.CallFactory()
        child, sibling = (factories.CallFactory(account=top.account, parent=top) for _ in "ab")
        below = factories.CallFactory(account=top.account, parent=child)
        self.assertEqual(
            self.nodes(child),
            [(top, 0, False), (child, 1, True), (below, 2, False), (sibling, 1, False)],
        )

    def test_a_loop_ends(self):
        one = factories.CallFactory()
        other = factories.CallFactory(account=one.account, parent=one)
        Call.objects.filter(pk=one.pk).update(parent=other)
        self.assertEqual({call for call, *_ in self.nodes(one)}, {one, other})
        below = factories.CallFactory(account=one.account, parent=other)  # not part of it
        self.assertEqual({call for call, *_ in self.nodes(below)}, {one, other, below})
        Call.objects.filter(pk=one.pk).update(parent=one)
        self.assertIn((one, 0, True), self.nodes(one))

    def test_what_is_listed_has_a_bound(self):
        call = factories.CallFactory()
        for number in range(130):
            child = factories.CallFactory(account=call.account, parent=call)
            leg = {"call": call, "connected_call": child, "started_at": after(number)}
            factories.LegFactory(**leg)
        page = self.open_row(call)
        self.assertLessEqual(len(page.context["nodes"]), 102)
        self.assertEqual(len(page.context["picture"].lanes), 50)
        self.assertContains(page, "There are more than 100 of")


class CostTests(AdminTestCase):
    def test_a_busy_calls_page_takes_the_queries_of_an_idle_one(self):
        idle, busy = full_call(), full_call()
        for _ in range(7):
            add_to(busy)
            factories.CallFactory(from_number=busy.customer_number)
        page = address(Call, "change", idle.pk)
        with self.assertNumQueries(self.queries(page)):
            self.open_row(busy)

    def test_a_page_takes_few_queries_for_everybody(self):
        call = full_call()
        Tag.objects.create(name="hot")
        self.client.post(f"/admin/calls/call/{call.pk}/notes/", {"text": "Call back"})
        page = address(Call, "change", call.pk)
        self.assertLessEqual(self.queries(page), MOST_QUERIES)
        self.look_only()
        self.assertLessEqual(self.queries(page), MOST_QUERIES + 1)  # permissions are rows, too

    def test_no_query_searches_a_big_table(self):
        with CaptureQueriesContext(connection) as captured:
            self.open_row(full_call())
        for query in captured:
            self.assertNotIn("LIKE", query["sql"])
            self.assertNotIn("COUNT(", query["sql"])


class NumberTests(AdminTestCase):
    """Those who see no full numbers find none in any source."""

    NUMBERS = {
        "from_number": "+13125550611",
        "from_raw": "13125550611",
        "to_number": "+13125550622",
        "customer_number": "+13125550611",
        "customer_digits": "11605552131",
        "agent_number": "+13125550633",
        "agent_name": "Asha 13125550633",
        "group_name": "Sales 3125550644",
    }
    SECRETS = ["5550611", "11605552131", "5550622", "5550633", "5550644", "5550655", "5550666"]

    def setUp(self):
        super().setUp()
        self.call = factories.CallFactory(**self.NUMBERS)
        child = factories.CallFactory(account=self.call.account, parent=self.call)
        Call.objects.filter(pk=child.pk).update(to_number="+13125550655")
        leg = {"number": "+13125550655", "raw_number": "3125550655", "name": "+1 312 555-0655"}
        self.leg = factories.LegFactory(call=self.call, side=Side.A, **leg)
        factories.LegFactory(call=self.call, number="+13125550666", name="")
        factories.DeliveryFactory(
            subject=self.call.pk, body=b'{"from": "+13125550611", "to": "(312) 555-0622"}'
        )
        self.taken = factories.ParticipantFactory(
            call=self.call, conference__alias="+13125550655", conference__account=self.call.account
        )
        self.recording = factories.RecordingFactory(call=self.call)
        self.pages = [
            *(
                address(type(row), "change", row.pk)
                for row in (self.call, self.leg, self.taken, self.taken.conference, self.recording)
            ),
            *(address(type(row), "changelist") for row in (self.leg, self.taken, self.recording)),
            address(Conference, "changelist"),
            f"/admin/calls/call/{self.call.pk}/why/",
        ]

    def test_a_viewer_reads_none(self):
        self.look_only()
        for url in self.pages:
            text = self.open(url).content.decode().replace("-", "").replace(" ", "")
            for secret in self.SECRETS:
                with self.subTest(url, secret=secret):
                    self.assertNotIn(secret, text)

    def test_the_others_read_them(self):
        page = self.open_row(self.call)
        for secret in ("+13125550611", "+13125550622", "+13125550633", "11605552131"):
            self.assertContains(page, secret)

    def test_revealing_is_for_one_look_and_written_down(self):
        user = factories.UserFactory(may=["view", "reveal_number"])
        self.client.force_login(user)
        self.assertContains(self.open_row(self.call), "Show numbers")
        reveal = f"/admin/calls/call/{self.call.pk}/reveal/"
        self.assertEqual(self.client.get(reveal).status_code, 405)
        page = self.client.post(reveal)
        self.assertContains(page, "Inbound call from +13125550611")
        self.assertContains(page, "this once")
        self.assertIn("no-store", page["Cache-Control"])
        entry = AuditEntry.objects.get()
        self.assertEqual(
            [entry.user, entry.action, entry.object_type, entry.object_id],
            [user, AuditEntry.Action.REVEAL, "call", str(self.call.pk)],
        )
        self.assertNotContains(self.open_row(self.call), "5550611")

    def test_revealing_takes_its_permission(self):
        self.look_only()
        self.assertNotContains(self.open_row(self.call), "Show numbers")
        reveal = f"/admin/calls/call/{self.call.pk}/reveal/"
        self.assertEqual(self.client.post(reveal).status_code, 403)
        self.assertFalse(AuditEntry.objects.exists())
