from django.contrib import admin

from calls.models import MissedCustomer, StaleSlot, Tally
from calltrack.admin import ReadOnlyAdmin


@admin.register(MissedCustomer)
class MissedCustomerAdmin(ReadOnlyAdmin):
    ordering = ["first_missed_at", "id"]


@admin.register(StaleSlot)
class StaleSlotAdmin(ReadOnlyAdmin):
    exclude = ["customers"]  # full numbers


@admin.register(Tally)
class TallyAdmin(ReadOnlyAdmin):
    """What the home page is made from."""
