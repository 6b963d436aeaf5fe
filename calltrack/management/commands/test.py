"""The test suite, on SQLite and on PostgreSQL."""

import argparse
import os
import subprocess
import sys

from django.conf import settings
from django.core.management import BaseCommand


class Command(BaseCommand):
    help = "Runs the tests on SQLite and PostgreSQL; everything else is passed to pytest."
    requires_system_checks = []

    def run_from_argv(self, argv):
        parser = argparse.ArgumentParser(prog="manage.py test", description=self.help)
        parser.add_argument("--db", choices=["sqlite", "postgres"], help="Only this database.")
        options, pytest_arguments = parser.parse_known_args(argv[2:])
        results = []
        if options.db != "postgres":
            results.append(self.pytest("SQLite", "", pytest_arguments))
        if options.db != "sqlite":
            results.append(self.on_postgres(pytest_arguments))
        sys.exit(max(results))

    def on_postgres(self, arguments):
        from tests.postgres import NoPostgres, running_postgres

        if url := os.environ.get("TEST_DATABASE_URL"):
            return self.pytest("PostgreSQL", url, arguments)
        try:
            with running_postgres() as url:
                return self.pytest("PostgreSQL", url, arguments)
        except NoPostgres as error:
            self.stderr.write(str(error))
            return 1

    def pytest(self, name, url, arguments):
        self.stdout.write(f"\n== {name}", self.style.MIGRATE_HEADING)
        self.stdout.flush()
        environ = os.environ | {"DATABASE_URL": url}
        environ.pop("CALLTRACK_TESTS", None)  # each run has a data directory of its own
        if not any(word.startswith(("-n", "--numprocesses")) for word in arguments):
            arguments = ["-n", "auto", *arguments]
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, env=environ, cwd=settings.BASE_DIR).returncode
