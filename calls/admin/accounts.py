from django.contrib import admin

from calls.models import Account, Call
from calltrack.admin import ReadOnlyAdmin, link_to_list


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Made with its first endpoint, by `manage.py create_endpoint`."""

    list_display = ["name", "provider", "provider_account_id", "region", "time_zone"]
    list_filter = ["provider"]
    search_fields = ["name__exact", "provider_account_id__exact", "id__exact"]
    ordering = ["name", "id"]
    fields = [
        "id",
        "name",
        "provider",
        "provider_account_id",
        "region",
        "time_zone",
        "recording_hosts",
        "created_at",
        "calls",
    ]

    @admin.display(description="Calls")
    def calls(self, account):
        return link_to_list(Call, "Calls of this account", account=account.pk)
