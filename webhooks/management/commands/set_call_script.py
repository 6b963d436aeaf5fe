import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from calls.choices import Provider
from webhooks import admission, endpoints
from webhooks.models import CallScript
from webhooks.providers.freeclimb import percl, words
from webhooks.providers.freeclimb.answers import script_key


class Command(BaseCommand):
    help = (
        "Set the PerCL that answers a webhook of an endpoint: a file with a JSON array of "
        "commands, - for standard input. Prints one JSON object."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", help="a JSON array of PerCL commands; - for standard input")
        parser.add_argument("--endpoint", required=True, help="its id, label or account")
        parser.add_argument("--request-type", required=True, help="outDialConnect, inboundCall …")
        parser.add_argument("--to", default="", help="only for calls to this number: +1312555…")

    def handle(self, *, file, endpoint, request_type, to, **options):
        try:
            found = endpoints.find(endpoint)
            text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
            script = percl.read(text)
        except (endpoints.Refused, OSError) as error:
            raise CommandError(str(error)) from error
        except ValueError as error:
            raise CommandError(f"{file} is no JSON that can be read: {error}") from error
        if found.provider != Provider.FREECLIMB:
            raise CommandError("only FreeClimb is answered with PerCL")
        if errors := percl.validate(script):
            raise CommandError("this PerCL would fail:\n" + "\n".join(errors))
        try:
            request_type, to = script_key(request_type, to, found.region)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if request_type not in words.KNOWN:
            self.stderr.write(
                f"{request_type} is no type that FreeClimb's pages name; kept all the same.",
                style_func=str,
            )
        stored, created = CallScript.objects.update_or_create(
            endpoint=found, request_type=request_type, called_number=to, defaults={"percl": script}
        )
        admission.forget()
        told = {
            "id": str(stored.id),
            "endpoint": str(found.id),
            "request_type": request_type,
            "to": to or None,
            "commands": len(script),
            "created": created,
        }
        self.stdout.write(json.dumps(told))
