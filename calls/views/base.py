"""What all views of `/api/v1/` share."""

from functools import cached_property

from django.db.models import Prefetch, QuerySet
from django.utils.cache import patch_cache_control
from rest_framework.viewsets import ReadOnlyModelViewSet

from calls import filtersets
from calls.authentication import ApiKeyAuthentication, PersonAuthentication
from calls.keyset import Walk
from calls.pagination import NewestFirst
from calls.permissions import HasScope, may_hear, sees_numbers
from calls.serializers import Expansion
from calltrack.api.manners import Manners

from .schema import ReadSchema
from .shape import Shape, narrowed, shape_of


class ReadViewSet(Manners, ReadOnlyModelViewSet):
    """What all lists share. A view says which scope opens it and what its newest row is."""

    # The first one decides what a stranger hears: 401 and how to come in.
    authentication_classes = [ApiKeyAuthentication, PersonAuthentication]
    permission_classes = [HasScope]
    filter_backends = [filtersets.StrictFilterBackend]
    pagination_class = NewestFirst
    schema = ReadSchema()
    lookup_value_regex = "[^/]+"
    scope = "calls:read"
    write_scope = "annotations:write"
    newest_by = "created_at"
    ascending = False  # by name, from A on
    walk: Walk | None = None  # how far a page looks; the filters decide
    expansions: dict[str, Expansion] = {}
    expands_lists = False  # shown in lists as of one object
    joined: tuple[str, ...] = ()  # relations that a row is read with
    # Relations read apart, for a join of large tables misleads a planner without statistics, and
    # the rows may lie on several nodes. Name → their rows.
    gathered: dict[str, QuerySet] = {}

    @cached_property
    def shape(self) -> Shape:
        return shape_of(self)

    def get_queryset(self):
        rows = super().get_queryset()
        if self.joined:
            rows = rows.select_related(*self.joined)
        links = [Prefetch(name, others) for name, others in self.gathered.items()]
        return rows.prefetch_related(*links) if links else rows

    def filter_queryset(self, queryset):
        return narrowed(super().filter_queryset(queryset), self)

    def paginate_queryset(self, queryset):
        rows = super().paginate_queryset(queryset)
        self.shape.load(rows)
        return rows

    def get_object(self):
        row = super().get_object()
        self.shape.load([row])
        return row

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True)  # nobody's proxy keeps telephone numbers
        return response

    def get_serializer_context(self):
        hears = may_hear(self.request) if self.request else True
        full = sees_numbers(self.request) if self.request else True
        shown = {"may_hear": hears, "sees_numbers": full, "shape": self.shape}
        return super().get_serializer_context() | shown
