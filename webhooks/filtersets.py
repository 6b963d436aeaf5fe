from django_filters import rest_framework as filters

from calls.choices import Provider
from calls.filtersets import RuledFilterSet, WordFilter, WordsFilter

from .models import Delivery, State


class DeliveryFilterSet(RuledFilterSet):
    newest_by = "received_at"
    narrow = frozenset({"subject"})
    ordered = ("state",)
    indexed = frozenset({"state__in"})

    provider = WordFilter("provider", choices=Provider.choices)
    provider__in = WordsFilter("provider", choices=Provider.choices)
    account = filters.UUIDFilter("endpoint__account", help_text="The account's id.")
    endpoint = filters.UUIDFilter("endpoint", help_text="The id of the endpoint it came to.")
    kind = filters.CharFilter("kind", help_text="The provider's event name.")
    subject = filters.UUIDFilter(
        "subject", help_text="The id of the call or conference that it is about."
    )
    state = WordFilter("state", choices=State.choices)
    state__in = WordsFilter("state", choices=State.choices)

    class Meta(RuledFilterSet.Meta):
        model = Delivery
        fields = {"received_at": ["gte", "gt", "lte", "lt"]}
