import json
from datetime import timedelta
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from calls import api_keys
from calls.models import Integration


class Command(BaseCommand):
    help = (
        "Make an API key: of a new integration, or a second one for rotation. Prints one JSON "
        "object: name, prefix, key, scopes, expires_at."
    )

    def add_arguments(self, parser):
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--name", help="Who will read with it: a new integration.")
        whose.add_argument(
            "--integration",
            metavar="NAME",
            help="An integration that is there, by its name or id. It may have "
            f"{api_keys.MOST_LIVE} live keys.",
        )
        parser.add_argument(
            "--scopes",
            nargs="+",
            metavar="SCOPE",
            help="Of a new integration, separated by spaces or commas, of: "
            f"{', '.join(api_keys.SCOPES)}. Without this: {', '.join(api_keys.DEFAULT_SCOPES)}.",
        )
        parser.add_argument(
            "--expires-days", type=int, metavar="DAYS", help="Without this: never by itself."
        )

    def handle(self, *, name, integration, scopes, expires_days, **options):
        words = [word for part in scopes or () for word in part.replace(",", " ").split()]
        if integration is not None and scopes is not None:
            raise CommandError("scopes are the integration's: change them in the admin")
        try:
            expires_at = now() + timedelta(days=expires_days) if expires_days is not None else None
            if integration is None:
                wanted = words if scopes is not None else api_keys.DEFAULT_SCOPES
                key, text = api_keys.create(name, wanted, expires_at)
            else:
                key, text = api_keys.add(self.find(integration), expires_at)
        except (ValueError, OverflowError) as error:
            raise CommandError(str(error)) from None
        made = {"name": key.integration.name, "prefix": key.prefix, "key": text}
        made["scopes"] = key.integration.scopes
        made["expires_at"] = key.expires_at and key.expires_at.isoformat()
        self.stdout.write(json.dumps(made))
        self.stderr.write("This key is shown once: only its hash is kept.", style_func=str)

    def find(self, name_or_id) -> Integration:
        by_id = Integration.objects.filter(pk=name_or_id) if _is_id(name_or_id) else []
        found = list(by_id) or list(Integration.objects.filter(name=name_or_id)[:2])
        if len(found) != 1:
            many = "several integrations have" if found else "no integration has"
            raise CommandError(f"{many} the name {name_or_id}" + "; give the id" * bool(found))
        return found[0]


def _is_id(text) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
