"""How fast it is: benchmarks on servers and databases of their own; nobody's data is touched."""

import argparse
import re
import signal
import sys
from importlib import import_module

from django.conf import settings
from django.core.management import BaseCommand, CommandError

# Each module offers arguments(parser) and run(options) -> Markdown, and tells of its progress on
# standard error.
BENCHES = {
    "ingest": "tests.bench.ingest",  # webhooks in
    "reads": "tests.bench.reads",  # lists, searches, pages and the API as tables grow
    "rebuild": "tests.bench.rebuild",  # calls made anew from the inbox
    "export": "tests.bench.export",  # calls as a file
}
PLACES = ("--at", "--keep", "--plans", "--picture")


class Command(BaseCommand):
    help = (
        "Measures on servers and a PostgreSQL of its own, and prints a table."
        " `bench NAME --help` lists the options of one."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("bench", choices=BENCHES)
        parser.add_argument("options", nargs=argparse.REMAINDER, help="Those of that benchmark.")

    def handle(self, *, bench, options, **others):
        from tests.postgres import NoPostgres
        from tests.server import DidNotStart

        module = import_module(BENCHES[bench])
        parser = argparse.ArgumentParser(
            prog=f"manage.py bench {bench}", description=module.__doc__.splitlines()[0]
        )
        parser.add_argument(
            "--write-readme", action="store_true", help="Put the table into README.md, too."
        )
        module.arguments(parser)
        words, options = options, parser.parse_args(options)
        options.command = " ".join(["manage.py bench", bench, *without_places(words)])
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # it cleans up as after Ctrl-C
        try:
            told = module.run(options)
        except ValueError as error:  # options that make no sense together
            parser.error(str(error))
        except (NoPostgres, DidNotStart) as error:
            raise CommandError(error) from error
        except KeyboardInterrupt:
            raise CommandError("stopped") from None
        self.stdout.write(told)
        if options.write_readme:
            write_into(settings.BASE_DIR / "README.md", bench, told)
            sys.stderr.write("README.md holds it now\n")


def without_places(words):
    """The words of a command line but those that name files and databases of this machine."""
    words, kept = iter(words), []
    for word in words:
        name, equals, _ = word.partition("=")
        if name in PLACES:
            if not equals:
                next(words, None)
        elif word != "--write-readme":
            kept.append(word)
    return kept


def write_into(path, bench, told):
    """Put text between a file's marks for that benchmark. Raises CommandError without marks."""
    begin, end = f"<!-- bench:{bench} -->", f"<!-- /bench:{bench} -->"
    text = path.read_text()
    if not re.search(f"{begin}.*{end}", text, re.DOTALL):
        raise CommandError(f"{path.name} has no {begin} … {end}")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}\n{told.strip()}\n{end}{after}")
