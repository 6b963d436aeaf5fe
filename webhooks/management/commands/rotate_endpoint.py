import json

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from calls.choices import Provider
from webhooks import endpoints


class Command(BaseCommand):
    help = (
        "Change an endpoint's token or signing secrets; two of each may be live, so that the "
        "provider can be moved to the new one in peace. Prints one JSON object."
    )

    def add_arguments(self, parser):
        parser.add_argument("--id", required=True, help="the endpoint's id, label or account")
        parser.add_argument(
            "--new-token", action="store_true", help="of three tokens the oldest ends"
        )
        parser.add_argument("--add-secret", default="", help="the new signing secret")
        parser.add_argument(
            "--drop-secret", default="", help="the old signing secret, or its last four characters"
        )

        parser.add_argument(
            "--provider-account-id", default="", help="the provider's account id, told once: AC…"
        )

    def handle(self, **options):
        asked = ("new_token", "add_secret", "drop_secret", "provider_account_id")
        if not any(options[name] for name in asked):
            raise CommandError(
                "nothing to do: --new-token, --add-secret, --drop-secret or --provider-account-id"
            )
        try:
            with transaction.atomic():
                endpoint = endpoints.find(options["id"])
                if options["drop_secret"]:
                    endpoints.drop_signing_secret(endpoint, options["drop_secret"])
                if options["add_secret"]:
                    endpoints.add_signing_secret(endpoint, options["add_secret"])
                if options["provider_account_id"]:
                    endpoints.set_provider_account_id(
                        endpoint.account, options["provider_account_id"]
                    )
                token = endpoints.new_token(endpoint) if options["new_token"] else None
        except endpoints.Refused as error:
            raise CommandError(str(error)) from error
        live = list(endpoint.secrets.values_list("kind", "hint"))
        told = {
            "id": str(endpoint.id),
            "provider": endpoint.provider,
            "account": endpoint.account.name,
            "provider_account_id": endpoint.account.provider_account_id or None,
            "tokens": [f"…{hint}" for kind, hint in live if kind == "token"],
            "secrets": [f"…{hint}" for kind, hint in live if kind == "signing"],
        }
        if token:
            told |= {"path": endpoints.endpoint_path(endpoint, token), "token": token}
        self.stdout.write(json.dumps(told))
        signs = endpoint.provider == Provider.FREECLIMB and not endpoint.allow_unsigned
        if signs and not told["secrets"]:
            self.stderr.write("Without a signing secret all webhooks are refused.", style_func=str)
