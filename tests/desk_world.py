"""A row of everything that the desk shows, each telephone number in it like no other."""

import json
import re
from datetime import timedelta
from itertools import count
from uuid import uuid4

from django.contrib.auth.models import Group
from django.utils.timezone import now

from calls import annotations, models, tallies
from calls.feed import positions
from calls.numbers import last_digits_first
from calltrack.models import AuditEntry, Job, Profile
from tests import factories
from tests.calls.directory import agent, service_number
from webhooks import inbox
from webhooks import models as hooks

ENDS = count(61_000, 7)  # far from all other numbers that the factories count


class World:
    """`grow` adds a further one of each. `rows[model]` is the newest."""

    def __init__(self):
        self.numbers: list[str] = []
        self.rows = {}
        self.author = factories.UserFactory(username="author", is_superuser=True)

    def number(self, prefix="+9190000") -> str:
        self.numbers.append(f"{prefix}{next(ENDS)}")
        return self.numbers[-1]

    def keep(self, *rows):
        for row in rows:
            self.rows[type(row)] = row
        return rows[0]

    def grow(self, times=1):
        for _ in range(times):
            call = self._calls()
            self._beside(call)
            self._people(call)
            self._inbox()
            self._outgoing(call)

    def _calls(self):
        customer, service, who = self.number(), self.number(), self.number()
        account = self.rows.get(models.Account) or factories.AccountFactory()
        moment = now() - timedelta(minutes=30)
        call = factories.CallFactory(
            account=account,
            from_number=customer,
            from_raw=f"0{customer[3:8]}-{customer[8:]}",
            to_number=service,
            customer_digits=last_digits_first(customer),
            agent_number=who,
            agent_name=f"Asha {who}",
            agent_answered=True,
            group_name=f"Sales {self.number()}",
            ivr_keys=self.number(),
            provider_status=f"busy {self.number()}",
            answered_at=moment + timedelta(seconds=12),
            ended_at=moment + timedelta(seconds=200),
            talk_seconds=188,
            waited_seconds=12,
            begun_at=moment,
            created_at=moment,
        )
        live = {"status": "ringing", "is_over": False, "begun_at": now(), "created_at": now()}
        factories.CallFactory(
            account=account, from_number=self.number(), to_number=self.number(), **live
        )
        child = factories.CallFactory(
            account=account, parent=call, from_number=service, to_number=self.number()
        )
        missed = factories.CallFactory(
            account=account,
            from_number=customer,
            status="no_answer",
            missed=True,
            begun_at=moment + timedelta(minutes=3),
        )
        leg = factories.LegFactory(
            call=call,
            connected_call=child,
            number=who,
            raw_number=self.number(),
            name=f"Asha {self.number()}",
        )
        conference = factories.ConferenceFactory(account=account, alias=f"room {self.number()}")
        taken = factories.ParticipantFactory(conference=conference, call=call)
        url = f"https://recordings.example/in/{self.number()[1:]}_20260101.mp3"
        recording = factories.RecordingFactory(call=call, url=url)
        factories.RecordingFactory(call=None, conference=conference, url=f"{url}?n={self.number()}")
        row = models.MissedCustomer.objects.create(
            id=uuid4(),
            customer_number=customer,
            account=account,
            service_number=service,
            first_missed_at=missed.begun_at,
            last_missed_at=missed.begun_at,
            missed_calls=1,
            last_call=missed,
            attempts=1,
            tried_by=[self.number()],
        )
        self.keep(call, leg, conference, taken, recording, account, row)
        return call

    def _beside(self, call):
        for column, dimension in (("service_number", "service_number"), ("agent_number", "agent")):
            tally = models.Tally.objects.create(
                id=uuid4(),
                begins_at=tallies.slot_of(call.begun_at),
                account=call.account,
                dimension=dimension,
                value=getattr(call, column),
                calls=1,
            )
        stale = models.StaleSlot.objects.create(
            begins_at=tallies.slot_of(call.begun_at),
            changed_at=now(),
            customers=[call.customer_number],
        )
        turn, _ = models.CountingTurn.objects.get_or_create(pk=uuid4())
        self.keep(tally, stale, turn)
        self.keep(service_number(call.account, call.service_number, source="Flyer"))
        self.keep(agent(call.account, call.agent_number, heard_name=f"Asha {self.number()}"))
        self.keep(service_number(call.account, self.number(), label=f"Line {self.number()}"))

    def _people(self, call):
        end = next(ENDS)
        tag = models.Tag.objects.create(name=f"tag {end}")
        outcome = models.Disposition.objects.create(name=f"outcome {end}")
        note = annotations.add_note(call, self.author, f"call back on {self.number()}")
        annotations.edit_note(note.pk, self.author, f"no, on {self.number()}")
        annotations.set_tags(call, self.author, add=[tag])
        annotations.set_disposition(call, self.author, outcome)
        number = self.number()
        private, shared = (
            models.SavedView.objects.create(
                owner=self.author, name=f"{kind} {end}", query=query, visibility=kind
            )
            for kind, query in (
                ("private", f"q=%2B{number[1:]}"),
                ("shared", f"q=Asha+%2B{self.number()[1:]}"),
            )
        )
        pin = models.ViewPin.objects.create(view=shared, user=self.author)
        person = factories.UserFactory()
        entry = AuditEntry.objects.create(username="author", action="play", object_id=call.pk)
        key = factories.ApiKeyFactory(integration__name=f"CRM {self.number()}")
        job = Job.objects.create(kind="count_traffic", state="done", message=f"for {self.number()}")
        self.keep(
            *(tag, outcome, models.CallNote.objects.get(pk=note.pk), shared, pin, entry, job),
            *(call.call_tags.get(), call.call_disposition, call.changes.first()),
            *(Profile.objects.create(user=person), person, key, key.integration),
            Group.objects.get_or_create(name=f"Group {end}")[0],
        )

    def _inbox(self):
        endpoint = factories.EndpointFactory(
            account=self.rows[models.Account], agent_numbers=[self.number()]
        )
        script = factories.CallScriptFactory(
            endpoint=endpoint,
            called_number=self.number(),
            percl=[{"OutDial": {"destination": self.number(), "callingNumber": self.number()}}],
        )
        hour = hooks.EndpointHour.objects.create(
            id=uuid4(), endpoint=endpoint, begins_at=now(), deliveries=1, last_received_at=now()
        )
        account = endpoint.account.provider_account_id
        for status in ("ringing", "completed"):
            said = {
                "requestType": "inboundCall" if status == "ringing" else "callStatus",
                "accountId": account,
                "callId": f"CA{next(ENDS):040x}",
                "callStatus": status,
                "direction": "inbound",
                "from": self.number(),
                "to": self.number("+1312555")[:12],
                "note": {"deep": [f"tel:{self.number()}", int(self.number()[1:])]},
            }
            heard = factories.DeliveryFactory(
                endpoint=endpoint,
                kind=said["requestType"],
                received_at=now(),
                body=json.dumps(said).encode(),
                query=f"to=%2B{self.number()[1:]}",
                headers={"x-caller": self.number()},
                state="received",
            )
            inbox.process_again([heard])
        failed = factories.DeliveryFactory(
            endpoint=endpoint,
            received_at=now(),
            state="failed",
            reason=f"ValueError: no such number {self.number()}",
            body=f"SourceNumber={self.number()[1:]}&x=1".encode(),
            content_type="application/x-www-form-urlencoded",
        )
        self.keep(endpoint, script, hour, failed, factories.SecretFactory(endpoint=endpoint))

    def _outgoing(self, call):
        subscription = factories.SubscriptionFactory(
            name=f"CRM {self.number()}",
            url=f"https://crm.example/in?tel=%2B{self.number()[1:]}",
            filter=f"service_number=%2B{self.number()[1:]}",
            state="stopped",
            reason=f"It answers 410 to {self.number()}.",
            former_secret="whsec_former",
            integration=self.rows[models.Integration],
        )
        factories.MessageFactory(subscription=subscription)
        message = factories.MessageFactory(
            subscription=subscription,
            subject=call.pk,
            state="failed",
            body=json.dumps({"type": "call.finalized", "data": {"from_number": self.number()}}),
        )
        attempt = factories.AttemptFactory(
            message=message,
            error=f"410 for {self.number()}",
            answer=f"<p>Nobody called {self.number()}</p>",
        )
        turn, _ = hooks.DispatchTurn.objects.get_or_create(pk=uuid4())
        answer = models.IdempotentAnswer.objects.create(
            id=uuid4(), fingerprint="0" * 64, status=201, body=self.number()
        )
        positions.give_positions()
        feed, changes = models.ChangeFeed.objects.get(), models.ChangeSet.objects.last()
        self.keep(subscription, message, attempt, turn, answer, feed, changes)

    def leaks(self, text: str) -> list[str]:
        """The numbers of which a text tells more than the last four digits: seven in a row, in any
        grouping, or all of them reversed."""
        joined = re.sub(r"(?<=\d)(?:[ ().\-\u00a0]|%20|&nbsp;){1,2}(?=\d)", "", text)
        return [
            number
            for number in self.numbers
            if number[-7:] in text or number[-7:] in joined or number[:5:-1] in text
        ]
