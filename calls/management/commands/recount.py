from django.core.management.base import BaseCommand

from calls import tallies


class Command(BaseCommand):
    help = (
        "Count all conversations again: the figures of the home page, missed calls to return, and "
        "rows for service numbers and agents. Intake may go on meanwhile; it may be stopped and "
        "run again."
    )

    def handle(self, **options):
        def tell(done: int) -> None:
            if options["verbosity"] > 0 and done % 500 == 0:
                self.stdout.write(f"{done:,} half hours counted")

        done = tallies.recount_everything(tell)
        if options["verbosity"] > 0:
            self.stdout.write(
                self.style.SUCCESS(f"{done:,} half hours counted, and all customers looked at")
            )
