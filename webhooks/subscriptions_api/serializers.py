"""Subscriptions, messages and tries as `/api/v1/` shows and takes them."""

import json

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from calls.bodies import StrictSerializer, TextField
from calls.permissions import allows
from calls.serializers import ReadSerializer, UtcDateTimeField
from webhooks import subscriptions
from webhooks.models import Attempt, Message, Subscription
from webhooks.outgoing.bodies import Audience, readable
from webhooks.outgoing.events import EVENTS
from webhooks.outgoing.target import LONGEST_URL, BadTarget, check_url

State = Subscription.State
SHOWN_STATES = [(one.value, one.label) for one in State if one != State.DELETED]
SET_STATES = [(one.value, one.label) for one in (State.ACTIVE, State.PAUSED)]
MESSAGE_STATES = Message.State.choices


class TrueOrFalseField(serializers.BooleanField):
    """DRF's own takes numbers and words for it."""

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class SubscriptionBody(StrictSerializer):
    name = TextField(max_length=100, help_text="What you call it.")
    url = TextField(
        max_length=LONGEST_URL,
        help_text="Where events are posted to: https, an address of the public Internet.",
    )
    events = serializers.ListField(
        child=serializers.ChoiceField([(name, one.sentence) for name, one in EVENTS.items()]),
        min_length=1,
        max_length=len(EVENTS),
        help_text="Event types. Each needs the scope that reading the same by the API does.",
    )
    filter = TextField(
        max_length=2_000,
        required=False,
        allow_blank=True,
        help_text="Only about calls that this finds, written as the query of /api/v1/calls/.",
    )
    full_numbers = TrueOrFalseField(
        required=False,
        help_text="Telephone numbers whole, not masked. Needs the scope numbers:full.",
    )
    state = serializers.ChoiceField(
        SET_STATES,
        required=False,
        help_text="Paused, nothing is sent and what happens is kept for later; active again, it "
        "goes on with that, also after we had stopped it.",
    )

    def validate_url(self, url):
        try:
            check_url(url)
        except BadTarget as error:
            raise serializers.ValidationError(str(error)) from None
        return url

    def validate_filter(self, text):
        text = text.removeprefix("?")
        if faults := self._filter_faults(text):
            raise serializers.ValidationError(faults)
        return text

    def validate(self, given):
        """Whether full numbers are told decides what its filter may search for."""
        known = self.context["subscription"]
        asked = known and "full_numbers" in given and "filter" not in given
        if asked and (faults := self._filter_faults(known.filter)):
            raise serializers.ValidationError({"filter": faults})
        return given

    def _filter_faults(self, text):
        known = self.context["subscription"]
        full = self.initial_data.get("full_numbers", bool(known and known.full_numbers))
        sees = full is True and self.context["sees_numbers"]
        return subscriptions.filter_faults(text, sees_numbers=sees)


class SubscriptionSerializer(ReadSerializer):
    events = serializers.ListField(child=serializers.CharField(), read_only=True)
    state = serializers.ChoiceField(SHOWN_STATES, read_only=True)
    rotating = serializers.SerializerMethodField(
        help_text="The former secret signs too, until it is dropped."
    )

    class Meta:
        model = Subscription
        fields = read_only_fields = [
            *("id", "name", "url", "events", "filter", "full_numbers", "state", "reason"),
            *("failures", "failing_since", "last_success_at", "rotating", "integration"),
            "created_at",
        ]
        columns = {"rotating": ("former_secret",)}

    def get_rotating(self, subscription) -> bool:
        return bool(subscription.former_secret)

    def _masked(self, name, value, row):
        """An integration reads as it wrote: it would lose its filter by sending it back."""
        own = self.context["request"].auth is not None and name in ("name", "url", "filter")
        return value if own else super()._masked(name, value, row)


class NewSecretSerializer(serializers.Serializer):
    secret = serializers.CharField(
        read_only=True,
        help_text="Shown this once. Libraries of Standard Webhooks take it as it is.",
    )


class NewSubscriptionSerializer(SubscriptionSerializer):
    """With the secret that its messages are signed with, which is shown this once."""

    class Meta(SubscriptionSerializer.Meta):
        fields = read_only_fields = [*SubscriptionSerializer.Meta.fields, "secret"]

    def _masked(self, name, value, row):
        return value if name == "secret" else super()._masked(name, value, row)


class TrySerializer(ReadSerializer):
    class Meta:
        model = Attempt
        fields = read_only_fields = ["at", "seconds", "status", "error", "answer"]


class MessageSerializer(ReadSerializer):
    due_at = UtcDateTimeField(
        read_only=True, allow_null=True, help_text="While it is queued: not before."
    )

    class Meta:
        model = Message
        fields = read_only_fields = [
            *("id", "event", "subject", "state", "attempts", "due_at", "created_at"),
            "finished_at",
        ]
        columns = {"due_at": ("due_at", "state")}
        extra_kwargs = {
            "id": {"help_text": "The same in each try: `webhook-id`."},
            "attempts": {"help_text": "How often it was tried since it was queued."},
        }

    def to_representation(self, message):
        shown = super().to_representation(message)
        if "due_at" in shown and message.state != Message.State.QUEUED:
            shown["due_at"] = None
        return shown


class MessageDetailSerializer(MessageSerializer):
    body = serializers.SerializerMethodField(help_text="As it is sent each time.")
    tries = serializers.SerializerMethodField(help_text="The last 100, oldest first.")

    class Meta(MessageSerializer.Meta):
        fields = read_only_fields = [*MessageSerializer.Meta.fields, "body", "tries"]
        columns = MessageSerializer.Meta.columns | {"body": ("body",), "tries": ()}

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_body(self, message):
        reader = Audience(self.context["sees_numbers"], self.context["may_hear"])
        body = json.loads(readable(message.body, reader))
        event = EVENTS.get(message.event)
        if event and not allows(self.context["request"], event.scope):
            body["data"] = None
        return body

    @extend_schema_field(TrySerializer(many=True))
    def get_tries(self, message):
        context = self.context | {"shape": None}  # `fields` chooses among the message's, not theirs
        return TrySerializer(message.last_tries, many=True, context=context).data
