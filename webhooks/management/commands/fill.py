"""Fills a PostgreSQL with many calls, to see how everything does on them."""

from contextlib import nullcontext
from datetime import timedelta

from django.core.management import BaseCommand, CommandError
from django.db import connection
from django.utils.timezone import now

from webhooks import filling


class Command(BaseCommand):
    help = (
        "Fills the database with invented calls and what belongs to them, inside PostgreSQL. A"
        " database that holds some already is left as it is, unless --more. The feed of changes"
        " hears nothing of them: its readers begin again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--calls", type=int, required=True, help="Conversations to add.")
        parser.add_argument("--days", type=int, default=365, help="Spread over so many days (365).")
        parser.add_argument("--seed", default="fill", help="Same seed, same calls; times differ.")
        parser.add_argument("--more", action="store_true", help="Add to those of an earlier run.")

        parser.add_argument(
            "--indexes-last",
            action="store_true",
            help="Drop the indexes first and make them anew at the end: quicker for a million calls"
            " and more. For a database that nobody reads meanwhile.",
        )

    def handle(self, *, calls, days, seed, more, indexes_last, **options):
        if connection.vendor != "postgresql":
            raise CommandError("This fills PostgreSQL only: set DATABASE_URL=postgres://…")
        if calls < 10 or days < 1:
            raise CommandError("at least 10 calls and 1 day")
        held = filling.held()
        if held and not more:
            self.stdout.write(f"The database already holds {held:,} filled calls; --more adds.")
            return
        self.began = now()
        # Nothing begins so late that its end would still be to come.
        until = self.began.replace(microsecond=0) - timedelta(seconds=5)
        plan = filling.Plan(calls=calls, first=held, days=days, until=until, seed=seed)
        with filling.indexes_last() if indexes_last else nullcontext():
            filling.fill(plan, lambda done: self.say(f"{done:,} of {calls:,} calls"))
        filling.analyze()
        self.say("analysed")
        filling.count_ahead(self.say_slots)
        self.say("counted")

    def say_slots(self, done):
        if done % 2_000 == 0:
            self.say(f"{done:,} half-hours counted")

    def say(self, text):
        seconds = (now() - self.began).total_seconds()
        self.stdout.write(f"{seconds:8,.0f} s  {text}")
        self.stdout.flush()
