from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from webhooks import committer, inbox
from webhooks.models import Delivery, State
from webhooks.providers.values import storable

MOST_AT_ONCE = 10_000  # deliveries in memory


class Command(BaseCommand):
    help = (
        "Read stored deliveries again, failed ones unless told otherwise, and merge what they say. "
        "It can only add to what is known: after a change of an endpoint's region or time zone use "
        "rebuild. Safe to stop and to run again: merging twice changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--state", choices=State.values, default=State.FAILED)
        parser.add_argument("--kind", help="only this event of the provider: callStatus …")
        parser.add_argument("--batch-size", type=int, default=committer.BATCH)

    def handle(self, *, state, kind, batch_size, **options):
        if not 1 <= batch_size <= MOST_AT_ONCE:
            raise CommandError(f"--batch-size must be from 1 to {MOST_AT_ONCE:,}")
        todo = Delivery.objects.filter(state=state).order_by("id")  # any order will do
        if kind is not None:
            todo = todo.filter(kind=storable(kind))  # as it was stored
        total, done, failed, last = todo.count(), 0, 0, UUID(int=0)
        todo = todo.select_related("endpoint__account")
        while batch := list(todo.filter(id__gt=last)[:batch_size]):  # by key, not by OFFSET
            try:
                inbox.process_again(batch)
            except inbox.Unavailable as error:
                raise CommandError(f"stopped after {done:,} of {total:,}: {error}") from error
            done, last = done + len(batch), batch[-1].id
            failed += sum(delivery.state == State.FAILED for delivery in batch)
            self.stderr.write(f"{done:,} of {total:,}, {failed:,} failed", style_func=str)
        if failed:
            raise CommandError(f"{failed:,} of {done:,} failed; each row says why.")
        self.stdout.write(f"{done:,} deliveries processed.")
