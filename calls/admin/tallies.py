from django.contrib import admin
from django.core.exceptions import PermissionDenied

from calls.desk import missed
from calls.models import CountingTurn, MissedCustomer, StaleSlot, Tally

from .base import GuardedAdmin


@admin.register(MissedCustomer)
class MissedCustomerAdmin(GuardedAdmin):
    fields = [
        *("customer_number", "account", "service_number", "first_missed_at", "last_missed_at"),
        *("missed_calls", "last_call", "attempts", "last_attempt_at"),
    ]

    def has_view_permission(self, request, obj=None):
        """Who may see the calls may see which of them were missed."""
        return request.user.has_perm("calls.view_call")

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request)
        own = {"title": "Missed calls to return", "opts": self.opts}
        return missed.changelist(request, context | own | (extra_context or {}))


@admin.register(StaleSlot)
class StaleSlotAdmin(GuardedAdmin):
    exclude = ["customers"]  # full numbers


@admin.register(Tally)
class TallyAdmin(GuardedAdmin):
    """What the home page is made from."""


@admin.register(CountingTurn)
class CountingTurnAdmin(GuardedAdmin):
    """Nothing to see but that it is there."""
