"""What the API does with parameters that no filter understands."""

from django_filters import rest_framework as filters
from django_filters import utils

from calltrack.problems import BadParameters

from .filters import WordFilter
from .rules import RuledFilterSet


class StrictFilterBackend(filters.DjangoFilterBackend):
    """Refuses parameters that nobody would read, and all faulty values, in one answer. Tells the
    view how far a page may look."""

    def filter_queryset(self, request, queryset, view):
        shape = view.shape
        errors, known = dict(shape.faults), {"format", *shape.parameters}
        filterset = None if view.detail else self.get_filterset(request, queryset, view)
        if filterset is not None:
            known |= {*filterset.filters, *view.pagination_class.parameters}
            errors |= _faults(filterset)
            errors |= view.paginator.faults(request, view, None if errors else filterset)
        several = {
            name
            for name, one in (filterset.filters.items() if filterset is not None else ())
            if isinstance(one, WordFilter)
        }
        for name, values in request.query_params.lists():
            if name not in known:
                errors[name] = ["Unknown parameter."]
            elif "" in values and not _is_form(request):
                errors[name] = ["Give a value, or leave it out."]
            elif len(values) > 1 and name not in several:
                errors[name] = ["Given more than once."]
        if errors:
            raise BadParameters(errors)
        if filterset is None:
            return queryset
        if isinstance(filterset, RuledFilterSet):
            view.walk = filterset.walk()
        return filterset.qs


def _is_form(request) -> bool:
    """The browsable API's form sends every filter, the empty ones too. A program that sends an
    empty one has lost a value, and would read all rows for it."""
    return getattr(request, "accepted_renderer", None) is not None and (
        request.accepted_renderer.format == "api"
    )


def _faults(filterset) -> dict[str, list[str]]:
    if isinstance(filterset, RuledFilterSet):
        return filterset.faults()
    return {} if filterset.is_valid() else utils.translate_validation(filterset.errors).detail
