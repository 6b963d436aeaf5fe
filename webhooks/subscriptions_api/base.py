"""What the views of subscriptions and of their messages share."""

from contextlib import contextmanager

from django.urls import reverse
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from calls.bodies import StrictJSONParser
from calls.idempotency import IdempotentWrites
from calls.models import ApiKey
from calls.views import ReadViewSet
from calltrack import audit
from webhooks import subscriptions

from .serializers import MessageSerializer


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class ManagingViewSet(IdempotentWrites, ReadViewSet):
    parser_classes = [StrictJSONParser]
    scope = write_scope = "webhooks:write"

    @property
    def integration(self):
        """Whose key it is; None for a person."""
        auth = self.request.auth
        return auth.integration if isinstance(auth, ApiKey) else None

    def mine(self):
        """The subscriptions that the asker sees and may change: an integration its own."""
        known = subscriptions.known()
        return known.filter(integration=self.integration) if self.integration else known

    def note(self, action, row, **details) -> None:
        if self.integration:
            details["integration"] = str(self.integration.pk)
        kind = row._meta.model_name
        audit.record(self.request, action, object_type=kind, object_id=row.pk, **details)

    def queued(self, message) -> Response:
        shown = MessageSerializer(message, context=self.get_serializer_context()).data
        where = reverse("message-detail", args=[message.subscription_id, message.pk])
        return Response(shown, status=status.HTTP_202_ACCEPTED, headers={"Location": where})


@contextmanager
def conflicts():
    """What the present state refuses is a 409."""
    try:
        yield
    except subscriptions.Refused as error:
        raise Conflict(str(error)) from None
