from django.contrib import admin

from calls.models import Agent, Disposition, ServiceNumber, Tag
from calltrack.admin import SturdyAdmin


@admin.register(ServiceNumber)
class ServiceNumberAdmin(SturdyAdmin):
    list_display = ["label", "source", "campaign"]


@admin.register(Agent)
class AgentAdmin(SturdyAdmin):
    list_display = ["known_as"]


@admin.register(Tag)
class TagAdmin(SturdyAdmin):
    list_display = ["name"]


@admin.register(Disposition)
class DispositionAdmin(SturdyAdmin):
    list_display = ["name", "active"]
