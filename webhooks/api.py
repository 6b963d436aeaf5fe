"""The inbox over REST: what came, and what became of it."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied

from calls.models import ApiKey
from calls.permissions import may_hear, sees_numbers
from calls.views import ReadViewSet
from calltrack import audit
from calltrack.models import AuditEntry

from .filtersets import DeliveryFilterSet
from .models import Delivery
from .serializers import DeliverySerializer


class DeliveryViewSet(ReadViewSet):
    """What the providers sent, newest first."""

    queryset = Delivery.objects.defer("body")
    joined = ("endpoint__account",)
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilterSet
    newest_by = "received_at"
    scope = "deliveries:read"

    def get_queryset(self):
        if self.action == "body":
            return Delivery.objects.only("body")
        return super().get_queryset()

    @extend_schema(
        summary="The body of a delivery",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    @action(detail=True)
    def body(self, request, pk):
        """The body, byte for byte. Strangers wrote it: it is a file, never a page. The numbers in
        it and the addresses of recordings must be the reader's to read; what a person downloads
        is written down."""
        if not sees_numbers(request):
            raise PermissionDenied("A body holds full numbers: this needs the scope numbers:full.")
        if not may_hear(request):
            raise PermissionDenied(
                "A body holds addresses of recordings: this needs the scope recordings:read, of a "
                "person also the permission to play recordings."
            )
        delivery = self.get_object()
        if not isinstance(request.auth, ApiKey):
            if not request.user.has_perm("webhooks.download_delivery"):
                raise PermissionDenied("This needs the permission to download deliveries.")
            audit.record(
                request, AuditEntry.Action.DOWNLOAD, object_type="delivery", object_id=delivery.pk
            )
        headers = {
            "Content-Disposition": f'attachment; filename="{delivery.pk}.bin"',
            "X-Content-Type-Options": "nosniff",
        }
        content = bytes(delivery.body)
        return HttpResponse(content, content_type="application/octet-stream", headers=headers)
