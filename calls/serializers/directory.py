"""The small tables: accounts."""

from calls.models import Account

from .base import ReadSerializer, plain


class AccountSerializer(ReadSerializer):
    class Meta:
        model = Account
        fields = read_only_fields = plain(Account)
