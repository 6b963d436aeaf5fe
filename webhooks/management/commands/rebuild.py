from django.core.management.base import BaseCommand, CommandError

from webhooks.rebuild import rebuild

_SHOWN = 100  # differences printed


class Command(BaseCommand):
    help = (
        "Fold the inbox into the tables again: the same deliveries give the same content, ids "
        "included. Intake may go on. --verify changes nothing, prints what differs, and ends with "
        "1 if anything does."
    )

    def add_arguments(self, parser):
        parser.add_argument("--verify", action="store_true", help="compare, change nothing")

    def handle(self, *, verify, **options):
        report = rebuild(verify=verify, progress=self._progress)
        for thing, line in report.different[:_SHOWN]:
            self.stdout.write(f"{thing}: {line}")
        for thing in report.unvouched[:_SHOWN]:
            self.stdout.write(f"{thing}: no delivery says anything of it; kept")
        hidden = max(0, len(report.different) - _SHOWN) + max(0, len(report.unvouched) - _SHOWN)
        if hidden:
            self.stdout.write(f"… and {hidden:,} more")
        told = (
            f"{report.deliveries:,} deliveries, {report.objects:,} objects: "
            f"{len(report.different):,} differences, {len(report.unvouched):,} rows without a word"
        )
        if not verify:
            self.stdout.write(f"{told}; {report.written:,} rows written.")
        elif report.different or report.unvouched:
            raise CommandError(told)
        else:
            self.stdout.write(f"{told}.")

    def _progress(self, what: str, done: int) -> None:
        if done % 10_000 < 500:
            self.stderr.write(f"{done:,} {what}", style_func=str)
