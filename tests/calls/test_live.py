"""The board of calls that go on."""

from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.db import connection
from django.test import override_settings
from django.test.signals import template_rendered
from django.test.utils import CaptureQueriesContext

from calls.choices import Party, QueueState, Status
from calls.desk import live
from calls.models import Agent, Call, Leg, ServiceNumber
from calltrack.models import Profile
from tests import factories
from tests.admin import AdminTestCase
from tests.factories import NOON, after

ASHA = "+13125550199"
NOT_OURS = ("django_session", "auth_", "otp_", "calltrack_profile", "SAVEPOINT")


def ongoing(seconds=0, **fields):
    fields = {"status": Status.RINGING, "is_over": False, "begun_at": after(seconds)} | fields
    return factories.CallFactory(**fields)


@time_machine.travel(NOON + timedelta(minutes=10, seconds=5), tick=False)
class LiveTestCase(AdminTestCase):
    def board(self, etag="", **parameters):
        headers = {"If-None-Match": etag} if etag else {}
        return self.client.get("/admin/live/", {"part": "board"} | parameters, headers=headers)

    def lines(self):
        return self.board().context["lines"]


class BoardTests(LiveTestCase):
    def test_conversations_that_go_on_are_listed_newest_first(self):
        first, second = ongoing(0), ongoing(60, status=Status.IN_PROGRESS)
        ongoing(30, status=Status.COMPLETED, is_over=True)
        ongoing(40, account=first.account, parent=first)
        self.assertEqual([line.call for line in self.lines()], [second, first])

    def test_a_line_says_who_where_and_for_how_long(self):
        call = ongoing(
            65,
            status=Status.IN_PROGRESS,
            answered_at=after(95),
            agent_number=ASHA,
            agent_answered=True,
            queue_state=QueueState.WAITING,
            queue_id="QU77",
        )
        factories.LegFactory(call=call, number=ASHA, name="", status=Status.IN_PROGRESS)
        ServiceNumber.objects.create(
            account=call.account, number=call.service_number, label="Spring flyer"
        )
        Agent.objects.create(account=call.account, number=ASHA, name="Asha Rao")
        page = self.board()
        for text in (
            *("In progress", "9 min 00 s", "8 min 30 s", "Spring flyer", "Asha Rao", "QU77"),
            *(call.customer_number, call.service_number, "Agent Asha Rao: in progress"),
        ):
            with self.subTest(text):
                self.assertContains(page, text)
        self.assertNotContains(page, "has not taken it")

    def test_a_leg_whose_party_nobody_said_is_known_by_its_number(self):
        call = ongoing()
        factories.LegFactory(call=call, number=ASHA, name="", party=Party.UNKNOWN)
        self.assertContains(self.board(), f"Leg b {ASHA}: completed")
        Agent.objects.create(account=call.account, number=ASHA, name="Asha Rao")
        self.assertContains(self.board(), "Agent Asha Rao: completed")

    def test_an_agent_where_it_only_rings_has_not_taken_it(self):
        ongoing(agent_number=ASHA, agent_answered=False)
        self.assertContains(self.board(), "has not taken it")

    def test_the_tiles_count_what_goes_on(self):
        for status in (Status.RINGING, Status.RINGING, Status.IN_PROGRESS, Status.QUEUED):
            ongoing(status=status)
        ongoing(-live.settings.NO_END_AFTER.total_seconds() - 3600)
        counted = self.board().context
        told = [counted[name] for name in ("living", "ringing", "talking", "queued", "lost")]
        self.assertEqual(told, [4, 2, 1, 1, 1])
        self.assertEqual(counted["longest_wait"], NOON)

    def test_the_page_holds_the_board_and_a_wall_shows_no_navigation(self):
        call = ongoing()
        page = self.open("/admin/live/")
        self.assertContains(page, call.customer_number)
        self.assertContains(page, 'id="desk-nav"')
        wall = self.open("/admin/live/", wall="1")
        self.assertContains(wall, call.customer_number)
        self.assertNotContains(wall, 'id="desk-nav"')
        self.assertContains(wall, "?part=board&amp;wall=1")

    def test_an_empty_board_says_so(self):
        self.assertContains(self.board(), "Nobody is on the telephone")

    def test_no_more_than_the_newest_are_shown_and_the_rest_is_counted(self):
        with patch.multiple(live, SHOWN=2, COUNTED=4):
            calls = [ongoing(second) for second in range(6)]
            page = self.board()
            self.assertEqual([line.call for line in page.context["lines"]], [calls[5], calls[4]])
            self.assertContains(page, "4+")
            self.assertContains(page, "2 or more older ones are not shown")

    def test_queries_do_not_grow_with_the_board(self):
        factories.LegFactory(call=ongoing(), number=ASHA)
        few = self.queries("/admin/live/")
        for second in range(20):
            factories.LegFactory(call=ongoing(second), number=f"+131255502{second:02}")
        self.assertEqual(self.queries("/admin/live/"), few)
        self.assertLessEqual(few, 15)


class NoEndSeenTests(LiveTestCase):
    def test_a_call_whose_end_was_never_seen_stays_grey_and_last(self):
        with override_settings(NO_END_AFTER=timedelta(minutes=5)):
            old, new = ongoing(0), ongoing(360)
            page = self.board()
            lines = page.context["lines"]
            self.assertEqual([(one.call, one.lost) for one in lines], [(new, False), (old, True)])
            self.assertContains(page, "live-row--lost")
            self.assertContains(page, "last heard: ringing")

    def test_going_grey_changes_the_etag(self):
        with override_settings(NO_END_AFTER=timedelta(minutes=10, seconds=10)):
            ongoing(0)
            before = self.board().headers["ETag"]
            with time_machine.travel(NOON + timedelta(minutes=10, seconds=11), tick=False):
                page = self.board(before)
            self.assertEqual(page.status_code, 200)
            self.assertContains(page, "live-row--lost")


class EtagTests(LiveTestCase):
    def test_an_unchanged_board_costs_two_queries_and_no_rendering(self):
        factories.LegFactory(call=ongoing())
        etag = self.board().headers["ETag"]
        rendered = []

        def note(template, **kwargs):
            rendered.append(template.name)

        template_rendered.connect(note)
        self.addCleanup(template_rendered.disconnect, note)
        with CaptureQueriesContext(connection) as captured:
            answer = self.board(etag)
        self.assertEqual((answer.status_code, answer.content), (304, b""))
        self.assertEqual(answer.headers["ETag"], etag)
        self.assertEqual(rendered, [])
        own = [q["sql"] for q in captured if not any(word in q["sql"] for word in NOT_OURS)]
        self.assertEqual(len(own), 2, own)
        self.assertEqual(self.board('"another"').status_code, 200)
        self.assertTrue(rendered)

    def test_the_first_poll_of_a_page_just_loaded_has_nothing_to_fetch(self):
        ongoing()
        etag = self.open("/admin/live/").context["etag"]
        self.assertEqual(self.board(etag).status_code, 304)

    def test_whatever_changes_on_the_board_changes_the_etag(self):
        call = ongoing(status=Status.QUEUED)
        leg = factories.LegFactory(call=call)
        seen = {self.board().headers["ETag"]}

        def changed(what):
            answer = self.board()
            self.assertNotIn(answer.headers["ETag"], seen, what)
            seen.add(answer.headers["ETag"])

        Call.objects.update(status=Status.RINGING, revision=2)
        changed("a call's write")
        Leg.objects.filter(pk=leg.pk).update(status=Status.RINGING, revision=2)
        changed("a leg's write")
        other = factories.LegFactory(call=call, number="+13125550142", connected_call=ongoing())
        changed("another call and leg")
        other.delete()
        changed("a leg gone")
        Call.objects.filter(pk=call.pk).update(is_over=True)
        changed("a call over")

    def test_it_differs_by_who_looks(self):
        ongoing()
        everything = self.board().headers["ETag"]
        Profile.objects.create(user=self.superuser, time_zone="Asia/Kolkata")
        elsewhere = self.board().headers["ETag"]
        self.look_only()
        masked = self.board().headers["ETag"]
        self.assertEqual(len({everything, elsewhere, masked}), 3)

    def test_a_minute_later_it_is_rendered_anyway(self):
        ongoing()
        etag = self.board().headers["ETag"]
        with time_machine.travel(NOON + timedelta(minutes=11, seconds=5), tick=False):
            self.assertEqual(self.board(etag).status_code, 200)


class WhoMayLookTests(LiveTestCase):
    def test_without_full_numbers_none_is_in_the_source(self):
        call = ongoing(
            agent_number=ASHA,
            agent_name=f"Asha {ASHA}",
            agent_answered=True,
            group_name=f"Sales {ASHA}",
        )
        factories.LegFactory(call=call, number=ASHA, name=f"Asha {ASHA}")
        self.look_only()
        for parameters in ({}, {"wall": "1"}, {"part": "board"}):
            text = self.open("/admin/live/", **parameters).content.decode()
            for number in (call.customer_number, call.service_number, ASHA):
                self.assertNotIn(number[-9:], text)
            self.assertIn(f"+1••••••{call.customer_number[-4:]}", text)

    def test_without_the_permission_there_is_no_board(self):
        self.client.force_login(factories.UserFactory())
        self.assertEqual(self.board().status_code, 403)
