"""What becomes a message, for whom, and what it says."""

import json

from django.db import connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from calls.choices import ConferenceStatus, RecordingState
from calls.feed.notes import Changes, note
from calls.models import Call, CallTag, ChangeSet, Tag
from tests.factories import CallFactory, ConferenceFactory, DeliveryFactory, RecordingFactory
from webhooks.models import DispatchTurn, Message, Subscription
from webhooks.outgoing.dispatch import TURN, dispatch
from webhooks.outgoing.events import EVENTS, events_of

from .happenings import STORY, fact, happen, id_of, make_account
from .subscribing import subscribe, tell_all, told


def noted(kind, row, *words):
    """As if a transaction had changed it like that."""
    with transaction.atomic():
        note([[kind, row.pk.hex, getattr(row, "revision", 0), list(words)]])


class EventTests(TestCase):
    def test_which_events_a_change_is(self):
        for kind, words, events in (
            ("call", ["created"], ["call.started"]),
            ("call", ["created", "answered"], ["call.started", "call.answered"]),
            ("call", ["changed", "answered"], ["call.answered"]),
            ("call", ["changed", "answered", "over"], ["call.answered", "call.finalized"]),
            ("call", ["changed", "over"], ["call.finalized"]),
            ("call", ["changed"], ["call.changed"]),
            ("call", ["erased"], []),
            ("leg", ["created"], []),
            ("participant", ["changed"], []),
            ("recording", ["created"], []),
            ("recording", ["created", "ready"], ["recording.ready"]),
            ("conference", ["changed", "ended"], ["conference.ended"]),
            ("conference", ["changed"], []),
            ("delivery", ["changed", "failed"], ["delivery.failed"]),
        ):
            self.assertEqual(events_of(kind, words), events, (kind, words))


class DispatchTests(TestCase):
    def setUp(self):
        make_account()

    def test_a_calls_life(self):
        target = subscribe()
        for step in STORY:
            happen(fact(1, step))
        tell_all()
        self.assertEqual(told(target), list(STORY))
        messages = Message.objects.order_by("number")
        self.assertEqual({message.subject for message in messages}, {id_of(1)})
        first, *_, last = (json.loads(message.body) for message in messages)
        self.assertEqual(list(first), ["type", "timestamp", "data"])
        self.assertEqual(first["type"], "call.started")
        self.assertRegex(first["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertEqual(last["data"]["id"], str(id_of(1)))
        self.assertEqual(last["data"]["duration_seconds"], 42)

    def test_a_call_that_is_new_and_over_at_once_tells_its_life_in_order(self):
        target = subscribe()
        happen(fact(1, "call.started", "call.answered", "call.finalized"))
        tell_all()
        self.assertEqual(told(target), ["call.started", "call.answered", "call.finalized"])

    def test_several_calls_of_one_transaction(self):
        target = subscribe()
        happen(*(fact(number, "call.started") for number in range(30)))
        happen(*(fact(number, "call.finalized") for number in range(30)))
        tell_all()
        for number in range(30):
            events = Message.objects.filter(subject=id_of(number)).order_by("number")
            self.assertEqual(
                [message.event for message in events if message.event != "call.answered"],
                ["call.started", "call.finalized"],
            )
        numbers = list(Message.objects.values_list("number", flat=True))
        self.assertEqual(len(set(numbers)), len(numbers))
        self.assertEqual(len(told(target)), len(numbers))

    def test_each_change_is_told_once(self):
        subscribe()
        happen(fact(1, "call.started"))
        self.assertTrue(dispatch())
        self.assertFalse(dispatch())
        self.assertEqual(Message.objects.count(), 1)

    def test_what_is_told_again_has_the_same_id(self):
        subscribe()
        happen(fact(1, "call.started", "call.finalized"))
        tell_all()
        keys = set(Message.objects.values_list("pk", flat=True))
        DispatchTurn.objects.filter(pk=TURN).update(position=0)
        tell_all()
        self.assertEqual(set(Message.objects.values_list("pk", flat=True)), keys)

    def test_a_round_is_bounded_and_the_rest_comes_in_the_next(self):
        target = subscribe()
        for first in range(0, 1_200, 400):
            happen(*(fact(number, "call.started") for number in range(first, first + 400)))
        dispatch()
        self.assertLess(len(told(target)), 1_200)
        tell_all()
        self.assertEqual(len(told(target)), 1_200)

    def test_nobody_subscribed(self):
        happen(fact(1, "call.started"))
        tell_all()
        position = ChangeSet.objects.order_by("-position").first().position
        self.assertEqual(DispatchTurn.objects.get().position, position)
        late = subscribe()
        tell_all()
        self.assertEqual(told(late), [])

    def test_who_collects(self):
        active, paused, stopped, deleted = (
            subscribe(state=state) for state in Subscription.State.values
        )
        off = subscribe(scopes=["calls:read"])
        off.integration.active = False
        off.integration.save()
        only = subscribe(events=["call.finalized"])
        happen(fact(1, "call.started"))
        tell_all()
        for subscription, events in (
            (active, ["call.started"]),
            (paused, ["call.started"]),
            (stopped, ["call.started"]),
            (deleted, []),
            (off, []),
            (only, []),
        ):
            self.assertEqual(told(subscription), events, subscription.state)

    def test_other_subjects(self):
        target = subscribe()
        call = CallFactory()
        recording = RecordingFactory(call=call, state=RecordingState.AVAILABLE)
        conference = ConferenceFactory(status=ConferenceStatus.TERMINATED)
        of_conference = RecordingFactory(call=None, conference=conference)
        delivery = DeliveryFactory(state="failed", reason="KeyError")
        noted("recording", recording, "created", "ready")
        noted("conference", conference, "changed", "ended")
        noted("recording", of_conference, "created", "ready")
        noted("delivery", delivery, "changed", "failed")
        tell_all()
        self.assertEqual(
            told(target),
            ["recording.ready", "conference.ended", "recording.ready", "delivery.failed"],
        )
        messages = Message.objects.order_by("number")
        self.assertEqual(
            [message.subject for message in messages],
            [call.pk, conference.pk, conference.pk, delivery.endpoint_id],
        )
        shown = [json.loads(message.body)["data"] for message in messages]
        ids = [recording.pk, conference.pk, of_conference.pk, delivery.pk]
        self.assertEqual([data["id"] for data in shown], [str(key) for key in ids])
        self.assertEqual(shown[0]["url"], recording.url)

    def test_what_was_erased_meanwhile_is_not_told(self):
        target = subscribe()
        happen(fact(1, "call.started"))
        happen(fact(2, "call.started"))
        Call.objects.filter(pk=id_of(1)).delete()
        with transaction.atomic():
            changes = Changes()
            changes.erased(Call, [(id_of(1), 1)])
            changes.save()
        tell_all()
        self.assertEqual(told(target), ["call.started"])
        self.assertEqual(Message.objects.get().subject, id_of(2))


class ReadingTests(TestCase):
    """Nobody is told what they may not read."""

    def setUp(self):
        make_account()

    def bodies(self, subscription):
        return [message.body for message in subscription.messages.order_by("number")]

    def test_numbers_are_masked_unless_whole_ones_are_asked_for_and_allowed(self):
        masked = subscribe()
        whole = subscribe(full_numbers=True)
        withdrawn = subscribe(scopes=["calls:read"], full_numbers=True)
        allowed = subscribe(scopes=["calls:read", "numbers:full"], full_numbers=True)
        happen(fact(7, "call.started"))
        tell_all()
        for subscription, seen in (
            (masked, False),
            (whole, True),
            (withdrawn, False),
            (allowed, True),
        ):
            [body] = self.bodies(subscription)
            self.assertEqual("+13125550007" in body, seen)
            self.assertEqual("5550007" in body, seen)

    def test_an_integration_is_told_what_its_scopes_open(self):
        calls = subscribe(scopes=["calls:read"])
        recordings = subscribe(scopes=["calls:read", "recordings:read"])
        nothing = subscribe(scopes=["webhooks:write"])
        deliveries = subscribe(scopes=["deliveries:read"])
        noted("recording", RecordingFactory(call=CallFactory()), "created", "ready")
        happen(fact(1, "call.started"))
        noted("delivery", DeliveryFactory(), "changed", "failed")
        tell_all()
        self.assertEqual(told(calls), ["call.started"])
        self.assertEqual(told(recordings), ["recording.ready", "call.started"])
        self.assertEqual(told(nothing), [])
        self.assertEqual(told(deliveries), ["delivery.failed"])

    def test_addresses_in_a_delivery_are_for_those_who_may_hear(self):
        hears = subscribe(scopes=["deliveries:read", "recordings:read"])
        deaf = subscribe(scopes=["deliveries:read"])
        reason = "no such host: https://recordings.example/RE1"
        noted("delivery", DeliveryFactory(state="failed", reason=reason), "changed", "failed")
        tell_all()
        self.assertIn("recordings.example/RE1", self.bodies(hears)[0])
        self.assertNotIn("recordings.example/RE1", self.bodies(deaf)[0])


class FilterTests(TestCase):
    def setUp(self):
        make_account()

    def test_only_calls_that_the_filter_finds(self):
        over = subscribe(filter="is_over=true")
        caller = subscribe(filter="?from_number=%2B13125550002")
        both = subscribe(filter="is_over=true&from_number=%2B13125550001")
        happen(fact(1, "call.started"), fact(2, "call.started", "call.finalized"))
        tell_all()
        self.assertEqual(set(over.messages.values_list("subject", flat=True)), {id_of(2)})
        self.assertEqual(set(caller.messages.values_list("subject", flat=True)), {id_of(2)})
        self.assertEqual(told(both), [])

    def test_the_last_digits_of_a_number_are_for_those_who_are_told_it(self):
        whole = subscribe(filter="number=50002", full_numbers=True)
        scopes = ["calls:read", "numbers:full"]
        allowed = subscribe(scopes=scopes, filter="number=50002", full_numbers=True)
        four = subscribe(scopes=["calls:read"], filter="number=0002")
        happen(fact(1, "call.started"), fact(2, "call.started"))
        tell_all()
        for target in (whole, allowed, four):
            self.assertEqual([m.subject for m in target.messages.all()], [id_of(2)])

    def test_a_tag(self):
        target = subscribe(filter="tag=vip")
        happen(fact(1, "call.started"), fact(2, "call.started"))
        CallTag.objects.create(call_id=id_of(2), tag=Tag.objects.create(name="vip"))
        tell_all()
        self.assertEqual([m.subject for m in target.messages.all()], [id_of(2)])

    def test_what_is_about_no_call_passes_no_filter(self):
        target, plain = subscribe(filter="is_over=true"), subscribe()
        call = CallFactory(is_over=True)
        noted("delivery", DeliveryFactory(), "changed", "failed")
        noted("conference", ConferenceFactory(), "changed", "ended")
        noted("recording", RecordingFactory(call=call), "created", "ready")
        tell_all()
        self.assertEqual(told(target), ["recording.ready"])
        self.assertEqual(len(told(plain)), 3)

    def test_a_filter_that_is_no_longer_understood_finds_all_and_is_told(self):
        target = subscribe(filter="is_over=perhaps")
        happen(fact(1, "call.started"))
        with self.assertLogs("webhooks.outgoing.dispatch", "ERROR") as logs:
            tell_all()
        self.assertIn("is_over", logs.output[0])
        self.assertEqual(told(target), ["call.started"])

    def test_one_query_for_each_filter_however_many_calls(self):
        subscribe(filter="is_over=true")

        happen(fact(1_000, "call.started"))
        dispatch()  # what is made once is there
        counts = set()
        for first, count in ((0, 1), (100, 50)):
            happen(*(fact(n, "call.started") for n in range(first, first + count)))
            with CaptureQueriesContext(connection) as captured:
                dispatch()
            counts.add(len(captured))
        self.assertEqual(len(counts), 1, counts)


def test_each_event_says_what_it_is():
    assert set(EVENTS) == {
        *("call.started", "call.answered", "call.finalized", "call.changed"),
        *("recording.ready", "conference.ended", "delivery.failed"),
    }
    assert all(event.sentence.endswith(".") for event in EVENTS.values())
