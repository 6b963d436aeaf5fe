"""Deliveries that come again, and deliveries that are forgotten."""

import json
from datetime import UTC, datetime, time, timedelta

from django.test import TestCase, TransactionTestCase, override_settings

from calls.choices import CONFERENCE_FINAL
from calls.models import Call, Conference
from tests.webhooks.lives import Lives, everything
from tests.webhooks.retaining import a_table_without_days, forgotten, made
from tests.webhooks.test_orders import endpoints
from webhooks import inbox, partitions, retention
from webhooks.deliveries import build
from webhooks.models import Delivery
from webhooks.partitions import DAY
from webhooks.rebuild import rebuild

MIDNIGHT = datetime(2026, 2, 1, tzinfo=UTC)
KINDS = 32  # each kind of life once
ACCOUNT = "AC" + "0" * 40
RINGS = {
    "requestType": "inboundCall",
    "accountId": ACCOUNT,
    "callId": "CA" + "1" * 40,
    "callStatus": "ringing",
    "direction": "inbound",
}
ENDS = {"requestType": "callStatus", "callStatus": "completed"}


def came(lives, numbers, at):
    """The lives with these numbers, all at once."""
    return [
        build(
            lives.endpoints[request.provider],
            method=request.method,
            body=request.body,
            query=request.query,
            content_type=request.content_type,
            signed_at=request.at if request.provider == "freeclimb" else None,
            received_at=at,
        )
        for number in numbers
        for request in lives.requests(number)
    ]


class ReplayTests(TestCase):
    def test_within_a_day_it_meets_its_own_key_and_over_midnight_it_changes_no_call(self):
        lives = Lives(endpoints())
        first = {one.id: one for one in came(lives, range(KINDS), MIDNIGHT - timedelta(seconds=9))}
        inbox.store(list(first.values()))
        before = everything()
        self.assertGreater(len(before[Call]), KINDS)

        inbox.store(came(lives, range(KINDS), MIDNIGHT - timedelta(seconds=1)))
        self.assertEqual(Delivery.objects.count(), len(first))
        replays = {one.id: one for one in came(lives, range(KINDS), MIDNIGHT)}
        self.assertTrue(first.keys().isdisjoint(replays))
        inbox.store(list(replays.values()))
        self.assertEqual(Delivery.objects.count(), 2 * len(first))
        self.assertEqual(everything(), before)
        report = rebuild(verify=True)
        self.assertEqual((report.different, report.unvouched), ([], []))


@override_settings(DELIVERIES_KEPT_DAYS=30)
class ForgettingTests(TransactionTestCase):
    """On PostgreSQL days are dropped, on SQLite rows are deleted: what is left is the same."""

    def setUp(self):
        self.endpoints = endpoints()
        there = partitions.partitions()
        self.day = there[0].until if there else datetime.now(UTC).date()
        made(self.day - DAY)

    def tearDown(self):
        if partitions.divided():
            a_table_without_days()

    def fill(self, day):
        """All kinds of life, a call that rings on, and what cannot be read: (ids, ids of what
        outlives the day)."""
        bad, rings = self.said(day, b"no"), self.said(day, RINGS)
        lives = Lives(self.endpoints, seed=str(day), account_id=ACCOUNT)
        at = datetime.combine(day, time(9), UTC)
        inbox.store([*came(lives, range(KINDS), at), bad, rings])
        live = {
            *Call.objects.filter(is_over=False).values_list("id", flat=True),
            *Conference.objects.exclude(status__in=CONFERENCE_FINAL).values_list("id", flat=True),
        }
        deliveries = list(Delivery.objects.filter(received_on=day))
        staying = {one.id for one in deliveries if one.state == "failed" or one.subject in live}
        self.assertLess({bad.id, rings.id}, staying)
        self.assertTrue(2 < len(staying) < len(deliveries) / 2)
        return {one.id for one in deliveries}, staying

    def said(self, day, body):
        at = datetime.combine(day, time(9), UTC)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return build(self.endpoints["freeclimb"], method="POST", body=raw, received_at=at)

    def kept(self):
        return set(Delivery.objects.values_list("id", flat=True))

    def test_whole_days_go_but_for_what_failed_or_has_not_ended(self):
        old, old_staying = self.fill(self.day - DAY)  # on PostgreSQL in the past
        young, young_staying = self.fill(self.day)
        before = everything()
        forgotten(self.day + 29 * DAY)
        self.assertEqual(self.kept(), old | young)
        forgotten(self.day + 30 * DAY)
        self.assertEqual(self.kept(), old_staying | young)
        forgotten(self.day + 31 * DAY)
        self.assertEqual(self.kept(), old_staying | young_staying)
        self.assertEqual(forgotten(self.day + 31 * DAY).message, "")

        self.assertEqual(everything(), before)
        report = rebuild(verify=True)
        self.assertEqual((report.different, report.unvouched), ([], []))

    def test_what_outlived_its_day_goes_once_it_has_ended_and_is_silent(self):
        _, staying = self.fill(self.day)
        forgotten(self.day + 31 * DAY)
        end = self.said(self.day + 31 * DAY, RINGS | ENDS)
        inbox.store([end])
        forgotten(self.day + 31 * DAY)
        self.assertEqual(Delivery.objects.count(), len(staying) + 1)
        forgotten(self.day + 62 * DAY)
        self.assertFalse(Delivery.objects.filter(subject=end.subject).exists())
        self.assertLess(self.kept(), staying)
        self.assertIn("failed", Delivery.objects.values_list("state", flat=True))

    def test_a_day_of_which_too_much_stays_is_deleted_row_by_row(self):
        self.addCleanup(setattr, partitions, "MOST_SET_ASIDE", partitions.MOST_SET_ASIDE)
        partitions.MOST_SET_ASIDE = 2
        there = partitions.partitions()
        _, staying = self.fill(self.day)
        told = forgotten(self.day + 31 * DAY).message
        self.assertEqual(self.kept(), staying)
        self.assertEqual("stays" in told, partitions.divided())
        self.assertEqual(set(there) - set(partitions.partitions()), set(there[:1]))

    @override_settings(DELIVERIES_KEPT_DAYS=0)
    def test_nothing_is_forgotten_unless_it_is_asked_for(self):
        everything_there, _ = self.fill(self.day)
        forgotten(self.day + 4_000 * DAY)
        self.assertEqual(self.kept(), everything_there)

    def test_who_is_interrupted_goes_on_behind_what_was_seen(self):
        self.addCleanup(setattr, retention, "BATCH", retention.BATCH)
        retention.BATCH = 7
        everything_there, staying = self.fill(self.day)
        before = datetime.combine(self.day + 2 * DAY, time(), UTC)
        seen, after = 0, None
        while batch := next(retention.prunable(before, after), None):
            batch.delete()
            seen, after = seen + batch.seen, batch.last
        self.assertEqual(seen, len(everything_there) - 1)  # all but the one that failed
        self.assertEqual(self.kept(), staying)
