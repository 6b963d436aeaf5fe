from django_filters import rest_framework as filters

from calls.choices import Provider
from calls.filtersets import MomentFilter, WordFilter

from .models import State


class DeliveryFilterSet(filters.FilterSet):
    provider = WordFilter("provider", choices=Provider.choices)
    account = filters.UUIDFilter("endpoint__account")
    endpoint = filters.UUIDFilter("endpoint")
    kind = filters.CharFilter("kind")
    subject = filters.UUIDFilter("subject", label="Id of the call or conference it is about")
    state = WordFilter("state", choices=State.choices)
    received_at__gte = MomentFilter("received_at", "gte")
    received_at__lt = MomentFilter("received_at", "lt")
