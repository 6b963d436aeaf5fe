from django.apps import AppConfig
from django.core import checks


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = "Webhooks"

    def ready(self):
        from .checks import check_schema
        from .expansions import add_to_calls

        checks.register(check_schema, checks.Tags.models)
        add_to_calls()
