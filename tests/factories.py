"""Rows for tests, with the keys that the ledger would give them. Numbers are invented."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from factory.django import DjangoModelFactory

from calls import keys
from calls.choices import Direction, ParticipantState, Party, Provider, RecordingState, Side, Status
from calls.models import (
    Account,
    ApiKey,
    Call,
    Conference,
    Integration,
    Leg,
    Participant,
    Recording,
)
from calls.numbers import last_digits_first
from webhooks.models import (
    Attempt,
    CallScript,
    Delivery,
    Endpoint,
    Message,
    Secret,
    State,
    Subscription,
)

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def after(seconds):
    return NOON + timedelta(seconds=seconds)


class UserFactory(DjangoModelFactory):
    """A person of the staff; `may=["view_call"]` gives permissions by codename, "view" all that
    begin with `view_`."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence("person{}".format)
    is_staff = True

    @factory.post_generation
    def may(user, create, codenames, **kwargs):
        for codename in codenames or ():
            wanted = {"codename": codename}
            if codename == "view":
                wanted = {"codename__startswith": "view_"}
            user.user_permissions.add(*Permission.objects.filter(**wanted))


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    provider = Provider.FREECLIMB
    name = factory.Sequence("Company {}".format)
    provider_account_id = factory.Sequence("AC{:040d}".format)
    region = "US"
    id = factory.LazyAttribute(
        lambda o: keys.account_key(o.provider, o.provider_account_id or o.name)
    )

    class Params:
        callerdesk = factory.Trait(
            provider=Provider.CALLERDESK,
            provider_account_id="",
            region="IN",
            time_zone="Asia/Kolkata",
        )


class IntegrationFactory(DjangoModelFactory):
    class Meta:
        model = Integration

    name = factory.Sequence("Integration {}".format)
    scopes = ["calls:read"]


class ApiKeyFactory(DjangoModelFactory):
    """A row only; a key that opens something is made by `calls.api_keys.create`."""

    class Meta:
        model = ApiKey

    integration = factory.SubFactory(IntegrationFactory)
    prefix = factory.Sequence("ct_{:08d}".format)
    key_hash = factory.LazyAttribute(lambda o: sha256(o.prefix.encode()).hexdigest())


class MergedFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    created_at = factory.Sequence(after)
    updated_at = factory.SelfAttribute("created_at")


class CallFactory(MergedFactory):
    """A finished inbound call, each a second younger than the one before."""

    class Meta:
        model = Call

    account = factory.SubFactory(AccountFactory)
    provider_call_id = factory.Sequence("CA{:040d}".format)
    id = factory.LazyAttribute(lambda o: keys.call_key(o.account.id, o.provider_call_id))
    parent = None
    parent_provider_call_id = factory.LazyAttribute(
        lambda o: o.parent.provider_call_id if o.parent else ""
    )
    is_root = factory.LazyAttribute(lambda o: o.parent is None)
    direction = Direction.INBOUND
    status = Status.COMPLETED
    provider_status = "completed"
    is_over = True
    from_number = factory.Sequence("+1312555{:04d}".format)
    from_raw = factory.SelfAttribute("from_number")
    to_number = "+13125550100"
    to_raw = factory.SelfAttribute("to_number")
    customer_number = factory.SelfAttribute("from_number")
    service_number = factory.SelfAttribute("to_number")
    customer_digits = factory.LazyAttribute(lambda o: last_digits_first(o.customer_number))
    begun_at = factory.SelfAttribute("created_at")
    started_at = factory.SelfAttribute("begun_at")


class LegFactory(MergedFactory):
    """Leg b of a call, to an agent; a leg a is its call's own."""

    class Meta:
        model = Leg

    call = factory.SubFactory(CallFactory)
    side = Side.B
    connected_call = factory.SelfAttribute("call")
    id = factory.LazyAttribute(lambda o: keys.leg_key(o.call.id, o.side, o.connected_call.id))
    party = Party.AGENT
    number = "+13125550199"
    name = "Asha"
    status = Status.COMPLETED


class ConferenceFactory(MergedFactory):
    class Meta:
        model = Conference

    account = factory.SubFactory(AccountFactory)
    provider_conference_id = factory.Sequence("CF{:040d}".format)
    id = factory.LazyAttribute(
        lambda o: keys.conference_key(o.account.id, o.provider_conference_id)
    )
    alias = "Monday"


class ParticipantFactory(MergedFactory):
    class Meta:
        model = Participant

    conference = factory.SubFactory(ConferenceFactory)
    call = factory.SubFactory(CallFactory, account=factory.SelfAttribute("..conference.account"))
    id = factory.LazyAttribute(lambda o: keys.participant_key(o.conference.id, o.call.id))
    state = ParticipantState.JOINED
    joined_at = factory.SelfAttribute("created_at")


class RecordingFactory(MergedFactory):
    """A recording of a call; `call=None` leaves it without one."""

    class Meta:
        model = Recording

    call = factory.SubFactory(CallFactory)
    account = factory.LazyAttribute(lambda o: (o.call or o.conference).account)
    conference = None
    provider_recording_id = factory.Sequence("RE{:040d}".format)
    id = factory.LazyAttribute(lambda o: keys.recording_key(o.account.id, o.provider_recording_id))
    url = factory.LazyAttribute(lambda o: f"https://recordings.example/{o.provider_recording_id}")
    duration_seconds = 42
    state = RecordingState.AVAILABLE


class EndpointFactory(DjangoModelFactory):
    class Meta:
        model = Endpoint

    account = factory.SubFactory(AccountFactory)
    label = ""  # it is called by its account
    region = factory.SelfAttribute("account.region")


class SecretFactory(DjangoModelFactory):
    class Meta:
        model = Secret

    endpoint = factory.SubFactory(EndpointFactory)
    kind = Secret.Kind.SIGNING
    value = factory.Sequence("sigsec_of_nobody_{:04d}".format)
    hint = factory.LazyAttribute(lambda o: o.value[-4:])


class CallScriptFactory(DjangoModelFactory):
    class Meta:
        model = CallScript

    endpoint = factory.SubFactory(EndpointFactory)
    request_type = "outDialConnect"
    called_number = factory.Sequence("+1312555{:04d}".format)
    percl = [{"Say": {"text": "Hello"}}]


class DeliveryFactory(DjangoModelFactory):
    """A processed callStatus about nothing in particular; `subject` makes it a call's."""

    class Meta:
        model = Delivery

    id = factory.LazyFunction(uuid4)
    endpoint = factory.SubFactory(EndpointFactory)
    provider = factory.LazyAttribute(lambda o: o.endpoint.account.provider)
    kind = "callStatus"
    subject = factory.LazyFunction(uuid4)
    received_at = factory.Sequence(after)
    received_on = factory.LazyAttribute(lambda o: o.received_at.date())
    method = "POST"
    content_type = "application/json"
    body = b'{"requestType": "callStatus"}'
    state = State.PROCESSED
    attempts = 1


class SubscriptionFactory(DjangoModelFactory):
    """To finished calls."""

    class Meta:
        model = Subscription

    name = factory.Sequence("Subscriber {}".format)
    url = factory.Sequence("https://subscriber.example/{}".format)
    events = ["call.finalized"]
    secret = "whsec_bm9ib2R5IGtub3dzIHRoaXMgc2VjcmV0"
    created_at = factory.Sequence(after)


class MessageFactory(DjangoModelFactory):
    """A queued one."""

    class Meta:
        model = Message

    id = factory.LazyFunction(uuid4)
    subscription = factory.SubFactory(SubscriptionFactory)
    event = "call.finalized"
    subject = factory.LazyFunction(uuid4)
    number = factory.Sequence(int)
    body = '{"type": "call.finalized", "data": {}}'
    created_at = factory.Sequence(after)


class AttemptFactory(DjangoModelFactory):
    """One that failed."""

    class Meta:
        model = Attempt

    message = factory.SubFactory(MessageFactory)
    at = factory.Sequence(after)
    seconds = 0.25
    status = 500
    error = "It answered 500."
    answer = "Oh no."
