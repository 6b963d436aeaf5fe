from django.core.management.base import BaseCommand, CommandError

from calls import api_keys
from calls.models import ApiKey


class Command(BaseCommand):
    help = "End an API key now: it is refused from its next request on."

    def add_arguments(self, parser):
        parser.add_argument("prefix", help="ct_ and eight characters, as the key begins.")

    def handle(self, *, prefix, **options):
        key = ApiKey.objects.select_related("integration").filter(prefix=prefix).first()
        if key is None:
            raise CommandError(f"no key begins with {prefix}")
        if not api_keys.end(key):
            raise CommandError(f"{prefix} had ended already")
        self.stdout.write(f"{prefix} of {key.integration} is refused from now on")
