import json

from django.core.management.base import BaseCommand, CommandError

from calls.choices import Provider
from webhooks.endpoints import Refused, create_endpoint, endpoint_path


class Command(BaseCommand):
    help = (
        "Make an address for a provider's webhooks. Prints one JSON object with id, provider, "
        "account, path and token; the token is shown only this once."
    )

    def add_arguments(self, parser):
        parser.add_argument("--provider", required=True, choices=Provider.values)
        parser.add_argument("--account", required=True, help="our name for the account")
        parser.add_argument("--provider-account-id", default="", help="the provider's id, AC…")
        parser.add_argument("--label", default="", help="what people call this endpoint")
        parser.add_argument(
            "--secret",
            action="append",
            default=[],
            help="a signing secret of the account (sigsec_…); twice during a rotation",
        )
        parser.add_argument(
            "--allow-unsigned",
            action="store_true",
            help="let requests without a signature in (FreeClimb signs: for tests only)",
        )
        parser.add_argument("--region", default="", help="of national numbers: IN, US")
        parser.add_argument("--time-zone", default="", help="of times without one: Asia/Kolkata")

    def handle(self, **options):
        try:
            endpoint, token = create_endpoint(
                provider=options["provider"],
                account=options["account"],
                provider_account_id=options["provider_account_id"],
                label=options["label"],
                region=options["region"],
                time_zone=options["time_zone"],
                secrets=options["secret"],
                allow_unsigned=options["allow_unsigned"],
            )
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            json.dumps(
                {
                    "id": str(endpoint.id),
                    "provider": endpoint.provider,
                    "account": endpoint.account.name,
                    "path": endpoint_path(endpoint, token),
                    "token": token,
                }
            )
        )
        signs = endpoint.provider == Provider.FREECLIMB
        if signs and not options["secret"] and not endpoint.allow_unsigned:
            self.stderr.write(
                "Unsigned webhooks are refused. Add the account's signing secret:\n"
                f"  python3 manage.py rotate_endpoint --id {endpoint.id} --add-secret sigsec_…",
                style_func=str,
            )
