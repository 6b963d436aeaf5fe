from django.db import transaction
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404

from calls.bodies import NothingSerializer, checked
from calls.filtersets import MomentFilter, WordFilter
from calltrack.models import AuditEntry
from webhooks import subscriptions
from webhooks.models import Message
from webhooks.outgoing.events import EVENTS, TEST

from .base import ManagingViewSet, conflicts
from .examples import LISTED, TRIED
from .serializers import MessageDetailSerializer, MessageSerializer

TRIES_SHOWN = 100


class MessageFilterSet(filters.FilterSet):
    state = WordFilter("state", choices=Message.State.choices, label="In any of these states.")
    event = WordFilter(
        "event", choices=[(name, name) for name in (*EVENTS, TEST)], label="Of any of these types."
    )
    created_at__gte = MomentFilter("created_at", "gte", label="Made at or after this moment.")
    created_at__lt = MomentFilter("created_at", "lt", label="Made before this moment.")


_SUBSCRIPTION = OpenApiParameter(
    "subscription", str, OpenApiParameter.PATH, description="Id of the subscription."
)


@extend_schema(tags=["subscriptions"], parameters=[_SUBSCRIPTION])
class MessageViewSet(ManagingViewSet):
    queryset = Message.objects.all()
    filterset_class = MessageFilterSet

    def get_serializer_class(self):
        return MessageDetailSerializer if self.action == "retrieve" else MessageSerializer

    def get_queryset(self):
        messages = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return messages
        subscription = get_object_or_404(self.mine(), pk=self.kwargs["subscription"])
        messages = messages.filter(subscription=subscription)
        return messages if self.action == "retrieve" else messages.defer("body")

    @extend_schema(examples=[LISTED])
    def list(self, request, *args, **kwargs):
        """What a subscription was told and is to be told, newest first; kept for 30 days."""
        return super().list(request, *args, **kwargs)

    @extend_schema(examples=[TRIED])
    def retrieve(self, request, *args, **kwargs):
        """A message with its body, and how each try went."""
        return super().retrieve(request, *args, **kwargs)

    def get_object(self):
        message = super().get_object()
        if self.action == "retrieve":
            message.last_tries = list(message.tries.order_by("-at", "-id")[:TRIES_SHOWN])[::-1]
        return message

    @extend_schema(
        summary="Deliver a message again",
        request=NothingSerializer,
        responses={202: MessageSerializer},
        examples=[LISTED],
    )
    @action(detail=True, methods=["post"])
    @transaction.atomic
    def redeliver(self, request, *args, **kwargs):
        """Queue it again, with the same id and body. 409 while it is queued."""
        message = self.get_object()
        checked(NothingSerializer, request)
        with conflicts():
            message = subscriptions.redeliver(message)
        self.note(AuditEntry.Action.REDELIVER, message)
        return self.queued(message)
