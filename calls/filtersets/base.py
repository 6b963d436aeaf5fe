from django_filters import rest_framework as filters

from .filters import MomentFilter


class CreatedFilterSet(filters.FilterSet):
    created_at__gte = MomentFilter("created_at", "gte")
    created_at__lt = MomentFilter("created_at", "lt")
    updated_at__gte = MomentFilter("updated_at", "gte")
    updated_at__lt = MomentFilter("updated_at", "lt")
