from django.contrib import admin

from calls.models import Account, ApiKey, Call
from calltrack.admin import ReadOnlyAdmin, SturdyAdmin, link_to_list


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


@admin.register(ApiKey)
class ApiKeyAdmin(SturdyAdmin):
    list_display = ["integration", "prefix", "expires_at", "last_used_at", "created_at"]
    search_fields = ["integration__name__exact", "prefix__exact"]
    fieldsets = [
        (
            None,
            {
                "fields": ["integration", "prefix", "expires_at", "last_used_at", "created_at"],
                "description": "A key is made, and shown once, by "
                "<code>python3 manage.py create_api_key --name … --scopes …</code>",
            },
        )
    ]
    readonly_fields = ["integration", "prefix", "last_used_at", "created_at"]

    def has_add_permission(self, request):
        return False  # its text would have to be shown on a page
