from django.contrib import admin

from calltrack.admin import ReadOnlyAdmin
from webhooks.models import EndpointHour


@admin.register(EndpointHour)
class EndpointHourAdmin(ReadOnlyAdmin):
    list_display = ["begins_at", "endpoint", "deliveries", "last_received_at"]
    list_select_related = ["endpoint__account"]
    ordering = ["-begins_at", "-id"]
