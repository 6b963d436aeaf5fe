"""Plays the providers: whole call lives over real HTTP, with the truth about them at hand."""

import secrets
import sys

from django.core.management import BaseCommand, CommandError
from tqdm import tqdm

from calltrack.jobs import enqueue
from webhooks.simulator import accounts
from webhooks.simulator.run import CannotPlay, Options, Run

SHOWN = 20  # differences told one by one


class Command(BaseCommand):
    help = (
        "Plays whole call lives of FreeClimb and CallerDesk as webhooks: to a running server over"
        " HTTP, or with --days into the database. Without --endpoint it plays to accounts of its"
        " own, which --remove deletes."
    )

    def add_arguments(self, parser):
        add = parser.add_argument
        add("--calls", type=int, default=200, help="Call lives to play, both providers (200).")
        add("--seed", help="Same seed, same lives and ids; only their times differ.")
        add("--days", type=int, default=0, help="Play them on the last N days, not over HTTP.")
        add("--url", default="http://127.0.0.1:8000", help="The server (http://127.0.0.1:8000).")
        add("--allow-remote", action="store_true", help="Let --url be another machine.")
        add(
            "--endpoint",
            action="append",
            default=[],
            metavar="PATH",
            help="Webhook path or URL as printed at its creation; once per provider.",
        )
        add(
            "--freeclimb-account",
            default="",
            metavar="AC…",
            help="Account id, else the database's.",
        )
        add(
            "--freeclimb-secret",
            default="",
            metavar="sigsec_…",
            help="Secret, else the database's.",
        )
        add("--rate", type=float, default=0, help="Requests per second at most; 0: no limit.")
        add("--concurrency", type=int, default=32, help="Connections at once (32).")
        add(
            "--duplicates", type=float, default=0, metavar="SHARE", help="Sent twice: 0.2 is 20 %%."
        )
        add("--drop", type=float, default=0, metavar="SHARE", help="Never sent.")
        add("--reorder", action="store_true", help="Shuffle requests, also across calls.")
        add("--verify", action="store_true", help="Compare what the API shows with the truth.")
        add("--api-key", default="", help="To verify with; else one is made for the moment.")
        add("--remove", action="store_true", help="Delete the simulator's own accounts and calls.")

    def handle(self, *, remove, **options):
        if remove:
            self.remove()
            return
        names = Options.__dataclass_fields__
        options["seed"] = options["seed"] or secrets.token_hex(4)
        run = Run(Options(**{name: options[name] for name in names}))
        try:
            run.prepare()
            self.stdout.write(f"Playing {options['calls']:,} calls with --seed {options['seed']}")
            self.stdout.flush()
            self.play(run)
            if options["verify"]:
                self.verify(run)
        except CannotPlay as error:
            raise CommandError(error) from error
        except KeyboardInterrupt:
            raise CommandError("stopped") from None
        finally:
            run.close()

    def play(self, run):
        with self.bar(run.options.calls, "call") as bar:
            run.play(bar.update)
        if run.options.days:
            enqueue("count_all_traffic")
        self.stdout.write(run.summary())
        if run.refused:
            raise CommandError(f"{run.refused:,} requests got no 200: {run.answers()}")

    def verify(self, run):
        score = run.verify()
        for difference in score.differences[:SHOWN]:
            self.stdout.write(f"  {difference}")
        if len(score.differences) > SHOWN:
            self.stdout.write(f"  … and {len(score.differences) - SHOWN:,} more:")
            for name, count in score.wrong.most_common(SHOWN):
                self.stdout.write(f"  {count:7,}  {name}")
        self.stdout.write(
            f"score: {score.percent:.2f} % ({score.right:,} of {score.fields:,} fields,"
            f" {score.calls:,} calls)"
        )
        if score.right < score.fields and not run.options.drop:
            raise CommandError("what the API shows is not what happened")

    def remove(self):
        with self.bar(None, "row") as bar:
            deleted = accounts.remove(lambda name, rows: bar.update(rows))
        told = ", ".join(f"{count:,} {name}" for name, count in deleted.items())
        self.stdout.write(f"Removed {told}." if told else "There is nothing to remove.")

    def bar(self, total, unit):
        """On a terminal only."""
        return tqdm(total=total, unit=unit, file=sys.stderr, disable=None, leave=False)
