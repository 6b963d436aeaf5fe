from django.db import transaction
from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from calls.bodies import NothingSerializer, checked
from calls.filtersets import WordFilter
from calls.permissions import allows, may_hear, sees_numbers
from calltrack.models import AuditEntry
from webhooks import subscriptions
from webhooks.models import Subscription
from webhooks.outgoing.events import EVENTS

from .base import ManagingViewSet, conflicts
from .examples import LISTED, MADE, NEW, ONE, PAUSE, ROTATED
from .serializers import (
    SHOWN_STATES,
    MessageSerializer,
    NewSecretSerializer,
    NewSubscriptionSerializer,
    SubscriptionBody,
    SubscriptionSerializer,
)

_PAUSED = {"state": Subscription.State.PAUSED}


class SubscriptionFilterSet(filters.FilterSet):
    state = WordFilter(
        "state",
        choices=SHOWN_STATES,
        label="In any of these states.",
    )


@extend_schema(tags=["subscriptions"])
class SubscriptionViewSet(ManagingViewSet):
    queryset = Subscription.objects.all()
    serializer_class = SubscriptionSerializer
    filterset_class = SubscriptionFilterSet

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return self.mine()

    @extend_schema(examples=[ONE])
    def list(self, request, *args, **kwargs):
        """An integration's own subscriptions, or all of them for a person who may change them."""
        return super().list(request, *args, **kwargs)

    @extend_schema(examples=[ONE])
    def retrieve(self, request, *args, **kwargs):
        """What it is told of, and how its target fares. `state` is `stopped` where the target
        was dead for days: `reason` says how, and setting it `active` goes on."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        request=SubscriptionBody,
        responses={201: NewSubscriptionSerializer},
        examples=[NEW, MADE],
    )
    @transaction.atomic
    def create(self, request, *args, **kwargs):
        """Be told of events. The answer holds the secret that messages are signed with, by the
        convention of Standard Webhooks; it is shown this once."""
        given = self._checked()
        state = given.pop("state", Subscription.State.ACTIVE)
        with conflicts():
            subscription = subscriptions.create(
                integration=self.integration,
                created_by="" if self.integration else request.user.get_username(),
                state=state,
                **given,
            )
        self._note(subscription, "created")
        shown = NewSubscriptionSerializer(subscription, context=self.get_serializer_context())
        where = reverse("subscription-detail", args=[subscription.pk])
        return Response(shown.data, status=status.HTTP_201_CREATED, headers={"Location": where})

    @extend_schema(
        request=SubscriptionBody, responses=SubscriptionSerializer, examples=[PAUSE, ONE]
    )
    @transaction.atomic
    def partial_update(self, request, *args, **kwargs):
        """Change some of it. What is queued already goes to the new URL. Without the scope
        numbers:full it is told masked numbers from then on, unless it is just paused."""
        subscription = self.get_object()
        given = self._checked(subscription, partial=True)
        if changed := subscriptions.change(subscription, **given):
            self._note(subscription, "settings", fields=changed)
        return Response(self.get_serializer(subscription).data)

    @extend_schema(responses={204: None})
    @transaction.atomic
    def destroy(self, request, *args, **kwargs):
        """Nothing more is sent, not even what is queued; what it was told is forgotten."""
        subscription = self.get_object()
        subscriptions.delete(subscription)
        self._note(subscription, "deleted")
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Make a new secret",
        request=NothingSerializer,
        responses=NewSecretSerializer,
        examples=[ROTATED],
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    @transaction.atomic
    def rotate_secret(self, request, *args, **kwargs):
        """The answer holds it, this once. The former one signs beside it until it is dropped:
        409 while it still does."""
        subscription = self._asked()
        with conflicts():
            secret = subscriptions.rotate_secret(subscription)
        self._note(subscription, "new secret")
        return Response({"secret": secret})

    @extend_schema(
        summary="Drop the former secret", request=NothingSerializer, responses={204: None}
    )
    @action(detail=True, methods=["post"], url_path="drop-former-secret")
    @transaction.atomic
    def drop_former_secret(self, request, *args, **kwargs):
        """From now on the new one signs alone. 409 where there is no former one."""
        subscription = self._asked()
        with conflicts():
            subscriptions.drop_former_secret(subscription)
        self._note(subscription, "dropped former secret")
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Send a test",
        request=NothingSerializer,
        responses={202: MessageSerializer},
        examples=[LISTED],
    )
    @action(detail=True, methods=["post"])
    @transaction.atomic
    def test(self, request, *args, **kwargs):
        """Queue a message of the type `test`: it is tried once, also where the subscription is
        paused or stopped. Ask for the message to see what came of it."""
        subscription = self._asked()
        with conflicts():
            message = subscriptions.send_test(subscription)
        self._note(subscription, "test", message=str(message.pk))
        return self.queued(message)

    # Helpers ----------------------------------------------------------------------------------

    def _checked(self, subscription=None, **more) -> dict:
        """What the body asks for. Raises ValidationError with all faults, the scopes' too."""
        sees = sees_numbers(self.request)
        context = {"subscription": subscription, "sees_numbers": sees}
        given = checked(SubscriptionBody, self.request, context=context, **more)
        faults = {}
        if given.get("full_numbers") and not sees:
            faults["full_numbers"] = ["This needs the scope numbers:full."]
        closed = [name for name in given.get("events", ()) if not self._may_be_told(name)]
        if closed:
            faults["events"] = [f"{name} needs the scope {EVENTS[name].scope}." for name in closed]
        if subscription and subscription.full_numbers and not sees and given != _PAUSED:
            if not self.integration:
                raise PermissionDenied("It is told full numbers, which you do not see.")
            given.setdefault("full_numbers", False)
            told = given.get("filter", subscription.filter)
            if wrong := subscriptions.filter_faults(told, sees_numbers=False):
                faults["filter"] = wrong
        if faults:
            raise ValidationError(faults)
        return given

    def _may_be_told(self, event: str) -> bool:
        scope = EVENTS[event].scope
        heard = scope != "recordings:read" or may_hear(self.request)
        return heard and allows(self.request, scope)

    def _asked(self) -> Subscription:
        subscription = self.get_object()
        checked(NothingSerializer, self.request)
        return subscription

    def _note(self, subscription, what, **details):
        self.note(AuditEntry.Action.SUBSCRIPTION, subscription, what=what, **details)
