"""What our service numbers and agents are called, written by programs and people."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from calls import annotations
from calls.bodies import StrictJSONParser, StrictSerializer, TextField, checked
from calls.idempotency import IdempotentWrites
from calls.masking import without_numbers
from calls.models import ApiKey
from calls.permissions import HasScope, sees_numbers

LONGEST = 100


class MayLabel(HasScope):
    """People need the permission that the desk asks for; a key the scope."""

    def has_permission(self, request, view):
        if request.method != "PATCH" or isinstance(request.auth, ApiKey):
            return super().has_permission(request, view)
        model = view.queryset.model._meta
        needed = f"{model.app_label}.change_{model.model_name}"
        self.message = f"This needs the permission {needed}."
        return request.user.is_staff and request.user.has_perm(needed)


class LabelField(TextField):
    """A text, or null for none."""

    def __init__(self, **kwargs):
        super().__init__(
            max_length=LONGEST, required=False, allow_null=True, allow_blank=True, **kwargs
        )


class ServiceNumberBody(StrictSerializer):
    label = LabelField(help_text="Shown beside the number.")
    source = LabelField(help_text="Where the number was published: Google Ads, Flyer.")
    campaign = LabelField()


class AgentBody(StrictSerializer):
    name = LabelField()


class _Labels(IdempotentWrites):
    """For a view of one of the two models, first among its bases."""

    parser_classes = [StrictJSONParser]
    permission_classes = [MayLabel]
    body = None

    def change(self, request) -> Response:
        row = self.get_object()
        given = checked(self.body, request)
        if not sees_numbers(request):
            for name in given:
                text = getattr(row, name)
                if without_numbers(text) != text:
                    raise PermissionDenied(
                        f"You do not see all of the present {name}: what is masked would be lost."
                    )
        row = annotations.set_labels(row, **{name: text or "" for name, text in given.items()})
        return Response(self.get_serializer(row).data)


_SOURCE = OpenApiExample(
    "Where it was published", {"label": "Shop line", "source": "Flyer"}, request_only=True
)
_NAME = OpenApiExample("A name", {"name": "Asha"}, request_only=True)


class LabelsServiceNumber(_Labels):
    body = ServiceNumberBody

    @extend_schema(request=ServiceNumberBody, examples=[_SOURCE])
    def partial_update(self, request, *args, **kwargs):
        """Label a service number. What is not given stays as it is; null takes it away. A text with
        a telephone number that the key does not see cannot be changed."""
        return self.change(request)


class LabelsAgent(_Labels):
    body = AgentBody

    @extend_schema(request=AgentBody, examples=[_NAME])
    def partial_update(self, request, *args, **kwargs):
        """Name an agent. Null takes the name away: then the provider's own stands. A name with a
        telephone number that the key does not see cannot be changed."""
        return self.change(request)
