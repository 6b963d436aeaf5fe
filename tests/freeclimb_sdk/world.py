"""An account's past, with each word of ours, many calls that began at once, and what is missing."""

from datetime import timedelta

from calls import api_keys
from calls.choices import ConferenceStatus, Direction, Status
from calls.models import Call
from tests import factories
from tests.factories import NOON
from webhooks.models import State

CALLER = "+13125550142"
OTHERS = "+13125550143"
APPLICATION = "AP" + "0123456789" * 4
NOBODY = "CA" + "f" * 40


class World:
    def __init__(self):
        self.key = api_keys.create("sdk", list(api_keys.SCOPES))[1]
        self.reader = api_keys.create("numbers hidden", ["calls:read"])[1]
        self.account = factories.AccountFactory()
        self.other = factories.CallFactory()  # of another account
        self.statuses = [
            self.call(status=status, is_over=status not in (Status.QUEUED, Status.RINGING))
            for status in Status
        ]
        self.directions = [self.call(direction=direction) for direction in Direction]
        self.finished = self.call(created_at=NOON, ended_at=NOON + timedelta(seconds=30))
        self.parent = self.call(created_at=NOON + timedelta(days=1))
        self.child = self.call(
            parent=self.parent,
            direction=Direction.OUTBOUND_DIAL,
            from_number=CALLER,
            application_id=APPLICATION,
            created_at=NOON + timedelta(days=1, seconds=1),
            answered_at=NOON + timedelta(days=1, seconds=5),
            ended_at=NOON + timedelta(days=1, seconds=65),
            answered_by="human",
        )
        self.active = self.call(status=Status.IN_PROGRESS, is_over=False)
        self.unsaid = self.call(
            status=Status.UNKNOWN,
            direction=Direction.UNKNOWN,
            is_over=False,
            from_number="",
            to_number="",
            started_at=None,
        )
        self.many(230)
        self.conference()
        endpoint = factories.EndpointFactory(account=self.account)
        for state in (State.PROCESSED, State.FAILED):
            factories.DeliveryFactory(
                endpoint=endpoint,
                subject=self.child.pk,
                state=state,
                reason="why" if state == State.FAILED else "",
                body=f'{{"callId": "{self.child.provider_call_id}"}}'.encode(),
            )
        for body in (b"\xff", b"[1]", b'{"callId": 5}', b'"\\ud800"', b'{"a": 1e999}'):
            factories.DeliveryFactory(endpoint=endpoint, subject=self.parent.pk, body=body)

    def call(self, **values):
        return factories.CallFactory(account=self.account, **{"from_number": OTHERS} | values)

    def many(self, count):
        """Each seven of them began at once."""
        Call.objects.bulk_create(
            factories.CallFactory.build(
                account=self.account, from_number=OTHERS, begun_at=NOON - timedelta(seconds=n // 7)
            )
            for n in range(count)
        )

    def conference(self):
        self.conferences = [
            factories.ConferenceFactory(
                account=self.account, status=status, alias=status, created_at=NOON
            )
            for status in ConferenceStatus
        ]
        self.room = self.conferences[0]
        self.participants = [
            factories.ParticipantFactory(conference=self.room, call=call)
            for call in (self.parent, self.child)
        ]
        self.recordings = [
            factories.RecordingFactory(call=self.child),
            factories.RecordingFactory(call=None, conference=self.room, duration_seconds=None),
            factories.RecordingFactory(call=self.child, provider_recording_id="", url=""),
        ]
