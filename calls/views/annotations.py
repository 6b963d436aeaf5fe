"""What programs and people write on calls: notes, tags, dispositions."""

from django.db import transaction
from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from calls import annotations
from calls.bodies import NothingSerializer, StrictJSONParser, StrictSerializer, TextField, checked
from calls.filtersets import MomentFilter
from calls.idempotency import IdempotentWrites
from calls.masking import without_numbers
from calls.models import ApiKey, Call, CallDisposition, CallNote, CallTag, Disposition, Tag
from calls.permissions import sees_numbers
from calls.serializers import NoteSerializer, ReadSerializer
from calltrack.problems import BadParameters

from .base import ReadViewSet

LONGEST_NAME = Tag._meta.get_field("name").max_length
_MOST_NAMED = 50  # dispositions, in the answer to a wrong one
_CALL = OpenApiParameter(
    "call", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the call."
)
_NOTE_ID = OpenApiParameter(
    "note", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the note."
)


def writer_of(request) -> annotations.Writer:
    return request.auth.integration if isinstance(request.auth, ApiKey) else request.user


class OnCallViewSet(IdempotentWrites, ReadViewSet):
    """What hangs on one call, `call` in the address."""

    parser_classes = [StrictJSONParser]

    def the_call(self) -> Call:
        return get_object_or_404(Call.objects.only("id", "revision"), pk=self.kwargs["call"])

    def get_object(self):
        """What OPTIONS asks about."""
        return self.the_call()

    def text(self, text: str) -> str:
        """As the asker may read it."""
        return text if sees_numbers(self.request) else without_numbers(text)


class NoteFilterSet(filters.FilterSet):
    created_at__gte = MomentFilter("created_at", "gte", label="Written at or after this moment.")
    created_at__lt = MomentFilter("created_at", "lt", label="Written before this moment.")


class NoteBody(StrictSerializer):
    text = TextField(max_length=CallNote._meta.get_field("text").max_length)


_NOTE = OpenApiExample(
    "A note", {"text": "Asked for a quote; call back on Monday."}, request_only=True
)


@extend_schema_view(retrieve=extend_schema(parameters=[_NOTE_ID]))
@extend_schema(parameters=[_CALL], tags=["calls"])
class CallNoteViewSet(OnCallViewSet):
    queryset = CallNote.objects.all()
    serializer_class = NoteSerializer
    filterset_class = NoteFilterSet
    lookup_field = "pk"
    lookup_url_kwarg = "note"

    get_object = ReadViewSet.get_object

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return super().get_queryset().filter(call=self.the_call())

    @extend_schema(request=NoteBody, responses={201: NoteSerializer}, examples=[_NOTE])
    def create(self, request, *args, **kwargs):
        """Write a note. It is the integration's whose key this is, or the person's, who alone may
        change or delete it."""
        call = self.the_call()
        note = annotations.add_note(call, writer_of(request), checked(NoteBody, request)["text"])
        where = reverse("call-note-detail", args=[call.pk, note.pk])
        return Response(
            self.get_serializer(note).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": where},
        )

    @extend_schema(
        parameters=[_NOTE_ID], request=NoteBody, responses=NoteSerializer, examples=[_NOTE]
    )
    def partial_update(self, request, *args, **kwargs):
        """Change one's own note. One that holds a telephone number which the key does not see
        cannot be changed: what is masked would be lost."""
        note = self._own()
        if self.text(note.text) != note.text:
            raise PermissionDenied("You do not see all of this note.")
        text = checked(NoteBody, request, partial=True).get("text", note.text)
        try:
            note = annotations.edit_note(note.pk, writer_of(request), text)
        except CallNote.DoesNotExist:  # deleted between two looks
            raise NotFound from None
        return Response(self.get_serializer(note).data)

    @extend_schema(parameters=[_NOTE_ID], responses={204: None})
    def destroy(self, request, *args, **kwargs):
        """Delete one's own note. The call's history keeps what it said."""
        try:
            annotations.delete_note(self._own().pk, writer_of(request))
        except CallNote.DoesNotExist:  # between two looks
            raise NotFound from None
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _own(self) -> CallNote:
        note = self.get_object()
        if not annotations.may_write(note, writer_of(self.request)):
            raise PermissionDenied("Somebody else wrote this note.")
        return note


class TagOfCallSerializer(ReadSerializer):
    class Meta:
        model = Tag
        fields = read_only_fields = ["id", "name"]


class TagsOfCallSerializer(serializers.Serializer):
    """All tags of a call, by name."""

    results = TagOfCallSerializer(many=True, read_only=True)


_NAME = OpenApiParameter(
    "name",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    OpenApiParameter.PATH,
    description="The tag's name, in whatever case.",
)


@extend_schema(parameters=[_CALL], tags=["calls"])
class CallTagViewSet(OnCallViewSet):
    queryset = Tag.objects.all()
    serializer_class = TagOfCallSerializer
    pagination_class = None

    @extend_schema(
        operation_id="calls_tags_list",
        summary="The tags of a call",
        responses=TagsOfCallSerializer,
    )
    def worn(self, request, *args, **kwargs):
        """By name."""
        call = self.the_call()
        tags = self.filter_queryset(Tag.objects.filter(call_tags__call=call).order_by("name"))
        return Response({"results": self.get_serializer(tags, many=True).data})

    @extend_schema(
        summary="Put a tag on a call",
        parameters=[_NAME],
        request=None,
        responses={200: TagOfCallSerializer, 201: TagOfCallSerializer},
    )
    @transaction.atomic
    def update(self, request, *args, **kwargs):
        """A tag that is not there yet is made. 201: it was put on; 200: the call wore it already.
        People need the permission to make tags for a new one."""
        call, name = self.the_call(), self._name()
        checked(NothingSerializer, request)
        if request.auth is None and not request.user.has_perm("calls.add_tag"):
            tag = Tag.objects.filter(name__iexact=name).first()
            if tag is None:
                raise PermissionDenied("You may not make new tags.")
        tag = annotations.tag_named(name)
        worn = CallTag.objects.filter(call=call, tag=tag).exists()
        annotations.set_tags(call, writer_of(request), add=[tag])
        done = status.HTTP_200_OK if worn else status.HTTP_201_CREATED
        return Response(self.get_serializer(tag).data, status=done)

    @extend_schema(summary="Take a tag off a call", parameters=[_NAME], responses={204: None})
    def destroy(self, request, *args, **kwargs):
        """The answer is the same where the call does not wear it."""
        call, name = self.the_call(), self._name()
        worn = Tag.objects.filter(name__iexact=name, call_tags__call=call)
        annotations.set_tags(call, writer_of(request), remove=list(worn))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _name(self) -> str:
        name = self.kwargs["name"].strip()
        if "\0" in name:
            raise BadParameters({"name": ["A name holds no NUL."]})
        if not 1 <= len(name) <= LONGEST_NAME:
            raise BadParameters({"name": [f"A name has 1 to {LONGEST_NAME} characters."]})
        return name


class DispositionBody(StrictSerializer):
    name = TextField(max_length=LONGEST_NAME, help_text="Of an active disposition, in any case.")


class DispositionOfCallSerializer(serializers.Serializer):
    name = serializers.CharField(read_only=True, allow_null=True, help_text="Null: none is set.")


_DISPOSITION = OpenApiExample("A disposition", {"name": "Sold"})


@extend_schema(parameters=[_CALL], tags=["calls"])
class CallDispositionViewSet(OnCallViewSet):
    queryset = CallDisposition.objects.all()
    serializer_class = DispositionOfCallSerializer
    pagination_class = None

    @extend_schema(
        summary="How a call turned out",
        responses=DispositionOfCallSerializer,
        examples=[_DISPOSITION],
    )
    def shown(self, request, *args, **kwargs):
        """In the words that the staff agreed on."""
        call = self.the_call()
        set_on = self.filter_queryset(self.get_queryset()).filter(call=call)
        return self._answer(set_on.values_list("disposition__name", flat=True).first())

    @extend_schema(
        summary="Set how a call turned out",
        request=DispositionBody,
        responses=DispositionOfCallSerializer,
        examples=[_DISPOSITION],
    )
    def update(self, request, *args, **kwargs):
        """Takes the place of what was set before."""
        call, wanted = self.the_call(), checked(DispositionBody, request)["name"]
        active = Disposition.objects.filter(active=True)
        found = active.filter(name=wanted).first() or active.filter(name__iexact=wanted).first()
        if found is None:
            names = [self.text(name) for name in active.values_list("name", flat=True)]
            offered = ", ".join(names[:_MOST_NAMED]) or "none is active"
            raise ValidationError({"name": [f"No active disposition has this name: {offered}."]})
        annotations.set_disposition(call, writer_of(request), found)
        return self._answer(found.name)

    @extend_schema(summary="Take back how a call turned out", responses={204: None})
    def destroy(self, request, *args, **kwargs):
        """The answer is the same where nothing was set."""
        annotations.set_disposition(self.the_call(), writer_of(request), None)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, name: str | None) -> Response:
        return Response({"name": None if name is None else self.text(name)})
