"""The small tables that calls point at, to be read: accounts, service numbers, agents, tags,
dispositions."""

from calls import filtersets, serializers
from calls.models import Account, Agent, Disposition, ServiceNumber, Tag

from .base import ReadViewSet
from .labels import LabelsAgent, LabelsServiceNumber


class AccountViewSet(ReadViewSet):
    """Accounts at providers, newest first."""

    queryset = Account.objects.all()
    serializer_class = serializers.AccountSerializer
    filterset_class = filtersets.AccountFilterSet


class ServiceNumberViewSet(LabelsServiceNumber, ReadViewSet):
    """Numbers of ours that customers dial or see, newest first."""

    queryset = ServiceNumber.objects.all()
    joined = ("account",)
    serializer_class = serializers.ServiceNumberSerializer
    filterset_class = filtersets.ServiceNumberFilterSet


class AgentViewSet(LabelsAgent, ReadViewSet):
    """Those of ours who take calls, newest first."""

    queryset = Agent.objects.all()
    joined = ("account",)
    serializer_class = serializers.AgentSerializer
    filterset_class = filtersets.AgentFilterSet


class TagViewSet(ReadViewSet):
    """Tags that calls may wear, by name."""

    queryset = Tag.objects.all()
    serializer_class = serializers.TagSerializer
    filterset_class = filtersets.TagFilterSet
    newest_by = "name"
    ascending = True


class DispositionViewSet(ReadViewSet):
    """How calls may have turned out, by name."""

    queryset = Disposition.objects.all()
    serializer_class = serializers.DispositionSerializer
    filterset_class = filtersets.DispositionFilterSet
    newest_by = "name"
    ascending = True
