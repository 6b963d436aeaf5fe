from django.core.management.base import BaseCommand, CommandError

from webhooks.rebuild import rebuild


class Command(BaseCommand):
    help = (
        "Fold the inbox into the tables again: the same deliveries give the same content, ids "
        "included. Intake may go on. --verify changes nothing, prints what differs, and ends with "
        "1 if anything does."
    )

    def add_arguments(self, parser):
        parser.add_argument("--verify", action="store_true", help="compare, change nothing")

    def handle(self, *, verify, **options):
        self._next = {}  # what → how many before it is told again
        report = rebuild(verify=verify, progress=self._progress)
        for thing, line in report.different:
            self.stdout.write(f"{thing}: {line}")
        for thing in report.unvouched:
            self.stdout.write(f"{thing}: no delivery says anything of it; kept")
        shown = len(report.different) + len(report.unvouched)
        if hidden := report.differences + report.without_a_word - shown:
            self.stdout.write(f"… and {hidden:,} more")
        told = (
            f"{report.deliveries:,} deliveries, {report.objects:,} objects: "
            f"{report.differences:,} differences, {report.without_a_word:,} rows without a word"
        )
        if not verify:
            self.stdout.write(f"{told}; {report.written:,} rows written.")
        elif report.different or report.unvouched:
            raise CommandError(told)
        else:
            self.stdout.write(f"{told}.")

    def _progress(self, what: str, done: int) -> None:
        if done >= self._next.get(what, 0):
            self.stderr.write(f"{done:,} {what}", style_func=str)
            self._next[what] = done + 10_000
