from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CalltrackConfig(AppConfig):
    name = "calltrack"


class DeskConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "calltrack.site.DeskSite"
