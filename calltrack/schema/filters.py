"""Filters as parameters."""

from drf_spectacular.contrib.django_filters import DjangoFilterExtension


class FilterExtension(DjangoFilterExtension):
    """drf-spectacular leaves out what a filter says of itself where its schema is written by
    hand."""

    priority = 1  # over the one that it inherits from

    def resolve_filter_field(self, auto_schema, model, filterset_class, field_name, filter_field):
        found = super().resolve_filter_field(
            auto_schema, model, filterset_class, field_name, filter_field
        )
        for parameter in found:
            if told := filter_field.extra.get("help_text"):
                parameter.setdefault("description", told)
        return found
