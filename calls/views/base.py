"""What all views of `/api/v1/` share."""

from django.utils.cache import patch_cache_control
from rest_framework.viewsets import ReadOnlyModelViewSet

from calls import filtersets
from calls.authentication import ApiKeyAuthentication, PersonAuthentication
from calls.pagination import NewestFirst
from calls.permissions import HasScope, may_hear, sees_numbers


class ReadViewSet(ReadOnlyModelViewSet):
    """What all lists share. A view says which scope opens it and what its newest row is."""

    # The first one decides what a stranger hears: 401 and how to come in.
    authentication_classes = [ApiKeyAuthentication, PersonAuthentication]
    permission_classes = [HasScope]
    filter_backends = [filtersets.StrictFilterBackend]
    pagination_class = NewestFirst
    lookup_value_regex = "[^/]+"
    scope = "calls:read"
    write_scope = "annotations:write"
    newest_by = "created_at"

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True)  # nobody's proxy keeps telephone numbers
        return response

    def get_serializer_context(self):
        hears = may_hear(self.request) if self.request else True
        full = sees_numbers(self.request) if self.request else True
        return super().get_serializer_context() | {"may_hear": hears, "sees_numbers": full}
