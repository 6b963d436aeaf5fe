"""The small tables: accounts, service numbers, agents, tags, dispositions."""

from calls.models import Account, Agent, Disposition, ServiceNumber, Tag

from .base import AccountReferenceSerializer, ReadSerializer, plain, provider_of


class AccountSerializer(ReadSerializer):
    class Meta:
        model = Account
        fields = read_only_fields = plain(Account)


class OfDirectorySerializer(ReadSerializer):
    account = AccountReferenceSerializer(read_only=True)
    provider = provider_of("account.provider")


class ServiceNumberSerializer(OfDirectorySerializer):
    """A number of ours that customers dial or see, and what people say about it."""

    class Meta:
        model = ServiceNumber
        fields = read_only_fields = [
            "id",
            "account",
            "provider",
            *plain(ServiceNumber, "id", "account"),
        ]


class AgentSerializer(OfDirectorySerializer):
    """Somebody who takes calls: `name` is what people call them, `heard_name` what the provider
    does."""

    class Meta:
        model = Agent
        fields = read_only_fields = ["id", "account", "provider", *plain(Agent, "id", "account")]


class TagSerializer(ReadSerializer):
    class Meta:
        model = Tag
        fields = read_only_fields = plain(Tag)


class DispositionSerializer(ReadSerializer):
    """How a call turned out, in the words that the staff agreed on."""

    class Meta:
        model = Disposition
        fields = read_only_fields = plain(Disposition)
