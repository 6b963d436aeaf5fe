import os
import signal
import threading
from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from calltrack import jobs
from calltrack.worker import Worker, stopped_by
from webhooks.jobs import JOBS, RECURRING
from webhooks.outgoing.pace import Pace
from webhooks.outgoing.sending import Sender, default_lease

PATIENCE = 5  # seconds for the last step, once the parent is gone


class Command(BaseCommand):
    help = (
        "Runs background jobs and sends webhooks out until stopped (Ctrl-C, SIGTERM). `up` starts "
        "one of these beside the server; more may run, also on other machines with the same "
        "database."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="Ends when nothing is due.")
        parser.add_argument(
            "--lease",
            type=int,
            default=jobs.LEASE.total_seconds(),
            metavar="SECONDS",
            help="After which the job of a killed worker is taken over (%(default)d).",
        )
        parser.add_argument(
            "--send-lease",
            type=float,
            default=default_lease().total_seconds(),
            metavar="SECONDS",
            help="After which a killed worker's webhooks are sent by another (%(default)g).",
        )
        parser.add_argument(
            "--send-pace",
            type=float,
            default=1.0,
            metavar="FACTOR",
            help="Shortens the pauses after failures of targets, for trials (%(default)g).",
        )
        parser.add_argument(
            "--with-parent", action="store_true", help="Ends when standard input closes."
        )

    def handle(self, *, once, lease, send_lease, send_pace, with_parent, **options):
        if lease < 1:
            raise CommandError("a lease lasts at least a second")
        if send_lease <= settings.OUTGOING_SECONDS:
            longest = settings.OUTGOING_SECONDS
            raise CommandError(f"one request may take {longest} s, so a lease lasts longer")
        if send_pace < 0:
            raise CommandError("time does not run backwards")
        # Ctrl-C reaches all processes of a terminal; a child leaves the answer to its parent.
        signals = [signal.SIGTERM] if with_parent else [signal.SIGTERM, signal.SIGINT]
        if with_parent:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        with stopped_by(*signals) as stop:
            worker = Worker(JOBS, RECURRING, lease=timedelta(seconds=lease), stop=stop)
            if with_parent:
                threading.Thread(target=end_with_parent, args=(stop,), daemon=True).start()
            sender = Sender(
                worker.name, stop, lease=timedelta(seconds=send_lease), pace=Pace(send_pace)
            )
            if once:
                self.stderr.write(f"{worker.run_due():,} runs", style_func=str)
                self.stderr.write(f"{sender.run_due():,} webhooks sent", style_func=str)
                return
            sending = threading.Thread(target=sender.run)
            sending.start()
            try:
                worker.run()
            finally:
                stop.set()
                sending.join()


def end_with_parent(stop):
    """Stop in good order when it is gone, however it went."""
    while os.read(0, 1_024):
        continue
    stop.set()
    threading.Event().wait(PATIENCE)
    os._exit(1)
