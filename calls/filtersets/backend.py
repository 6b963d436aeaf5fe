"""What the API does with parameters that no filter understands."""

from django_filters import rest_framework as filters
from django_filters import utils

from calltrack.problems import BadParameters

from .filters import WordFilter


class StrictFilterBackend(filters.DjangoFilterBackend):
    """Refuses parameters that nobody would read, and all faulty values, in one answer."""

    def filter_queryset(self, request, queryset, view):
        errors, known = {}, {"format"}
        filterset = None if view.detail else self.get_filterset(request, queryset, view)
        if filterset is not None:
            known |= {*filterset.filters, *view.pagination_class.parameters}
            if not filterset.is_valid():
                errors = utils.translate_validation(filterset.errors).detail
        several = {
            name
            for name, one in (filterset.filters.items() if filterset is not None else ())
            if isinstance(one, WordFilter)
        }
        for name, values in request.query_params.lists():
            if name not in known:
                errors[name] = ["Unknown parameter."]
            elif len(values) > 1 and name not in several:
                errors[name] = ["Given more than once."]
        if errors:
            raise BadParameters(errors)
        return queryset if filterset is None else filterset.qs
