import json

from django.core.management.base import BaseCommand, CommandError

from calls import api_keys


class Command(BaseCommand):
    help = "Make an API key. Prints one JSON object: name, prefix, key, scopes."

    def add_arguments(self, parser):
        parser.add_argument("--name", required=True, help="Who will read with it.")
        parser.add_argument(
            "--scopes",
            nargs="+",
            default=api_keys.DEFAULT_SCOPES,
            metavar="SCOPE",
            help=f"Separated by spaces or commas, of: {', '.join(api_keys.SCOPES)}. "
            f"Without this: {', '.join(api_keys.DEFAULT_SCOPES)}.",
        )

    def handle(self, *, name, scopes, **options):
        words = [word for part in scopes for word in part.replace(",", " ").split()]
        try:
            key, text = api_keys.create(name, words)
        except ValueError as error:
            raise CommandError(str(error)) from None
        made = {"name": key.integration.name, "prefix": key.prefix, "key": text}
        made["scopes"] = key.integration.scopes
        self.stdout.write(json.dumps(made))
        self.stderr.write("This key is shown once: only its hash is kept.", style_func=str)
