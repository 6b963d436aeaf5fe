"""Everything up: data directory, database, first user and endpoints, server."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from calltrack import demo, serving
from calltrack.public_url import split_public_url

ANY_ADDRESS = ("0.0.0.0", "::")


class Command(BaseCommand):
    help = "Sets up what is missing and serves until stopped (Ctrl-C, SIGTERM)."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", type=int, default=8000, help="0 takes a free one.")
        parser.add_argument("--workers", type=int, help="Processes; SQLite 1, PostgreSQL 2.")
        parser.add_argument(
            "--threads", type=int, default=settings.SERVER_THREADS, help="Threads of each process."
        )
        parser.add_argument("--public-url", help="Where people and providers reach this server.")
        parser.add_argument("--freeclimb-account", default="", metavar="AC…", help="Account id.")
        parser.add_argument("--freeclimb-secret", default="", metavar="sigsec_…")
        parser.add_argument("--demo", action="store_true", help="Adds calls from a simulator.")
        parser.add_argument(
            "--noinput", action="store_false", dest="interactive", help="Never asks anything."
        )

    def handle(self, *, host, port, public_url, workers, threads, **options):
        if workers is None:
            workers = 1 if connection.vendor == "sqlite" else 2
        if workers < 1 or threads < 1:
            raise CommandError("it takes at least one worker and one thread")
        try:
            if public_url:
                split_public_url(public_url)
            with serving.only_one(settings.DATA_DIR):
                address, port = serving.free_address(host, port)
                self.local_url = local_url(address, port)
                self.url = (public_url or settings.PUBLIC_URL or self.local_url).rstrip("/")
                tell_workers(public_url, host, threads)
                self.prepare(**options)
                self.demo = options["demo"]
                self.job_worker = serving.JobWorker()
                try:
                    serving.serve(
                        address,
                        port,
                        workers=workers,
                        threads=threads,
                        when_ready=self.when_ready,
                        when_told=self.job_worker.tell,
                    )
                finally:
                    self.job_worker.stop()
        except (serving.CannotServe, ImproperlyConfigured) as error:
            raise CommandError(error) from error

    def when_ready(self):
        self.write(f"Serving on {self.local_url}/ – Ctrl-C stops it")
        self.job_worker.start()
        if self.demo:
            self.write("Playing calls; `python3 manage.py simulate --remove` removes them")
            demo.start(self.local_url)

    def prepare(self, *, interactive, freeclimb_account, freeclimb_secret, **options):
        try:
            # One plain connection: a pool would wait, and hide why it cannot connect.
            connection.settings_dict["OPTIONS"].pop("pool", None)
            self.migrate(interactive)
            self.first_start(freeclimb_account, freeclimb_secret)
            connection.close()
        except DatabaseError as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise CommandError(f"the database of DATABASE_URL cannot be used: {reason}") from error

    def migrate(self, interactive):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.write("Preparing the database")
            call_command("migrate", interactive=interactive, verbosity=0)

    def first_start(self, freeclimb_account, freeclimb_secret):
        from calltrack import first_start
        from webhooks.endpoints import Refused

        try:
            password, endpoints, undone = first_start.create_what_is_missing(
                freeclimb_account=freeclimb_account, freeclimb_secret=freeclimb_secret
            )
        except Refused as error:
            raise CommandError(error) from error
        if password or endpoints:
            self.write("Shown once, so keep it:")
        if password:
            admin = f"{self.url}/admin/  user {first_start.ADMIN}  password {password}"
            self.write(f"  {'Admin':12}{admin}")
        for new in endpoints:
            self.write(f"  {new.provider:12}{self.url}{new.path}")
        for endpoint in first_start.waiting_for_a_secret():
            self.write(f"{endpoint}: refused until its signing secret is known:")
            command = f"rotate_endpoint --id {endpoint.id} --add-secret sigsec_…"
            self.write(f"  python3 manage.py {command}")
        for endpoint in first_start.without_account_id():
            self.write(f"{endpoint}: any account's webhooks are taken until its id is known:")
            command = f"rotate_endpoint --id {endpoint.id} --provider-account-id AC…"
            self.write(f"  python3 manage.py {command}")
        if undone:
            self.write(undone)

    def write(self, line):
        self.stdout.write(line)
        self.stdout.flush()  # it may be a file, and the password is shown once


def local_url(address, port):
    if address in ANY_ADDRESS:
        address = "127.0.0.1"
    return f"http://{f'[{address}]' if ':' in address else address}:{port}"


def tell_workers(public_url, host, threads):
    """Our options, to the processes that read their settings from the environment."""
    os.environ["SERVER_THREADS"] = str(threads)
    if public_url:
        os.environ["PUBLIC_URL"] = public_url
    if host not in ANY_ADDRESS:
        name = f"[{host}]" if ":" in host else host
        os.environ["ALLOWED_HOSTS"] = ",".join({*settings.ALLOWED_HOSTS, name})
