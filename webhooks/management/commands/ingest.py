import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from calltrack.jobs import enqueue
from webhooks import committer, endpoints, inbox
from webhooks.importing import Unusable, deliveries_from, taken_in
from webhooks.models import Delivery, State


class Command(BaseCommand):
    help = (
        "Take in a file: a FreeClimb Call resource, a list page or an array of them (they outrank "
        "webhooks), or webhook bodies, one JSON object a line: "
        '{"received_at": "2026-01-31T12:00:00Z", "body": {…}}. Prints one JSON object.'
    )

    def add_arguments(self, parser):
        parser.add_argument("file", help="- for standard input")
        parser.add_argument("--endpoint", required=True, help="its id, label or account")

    def handle(self, *, file, endpoint, **options):
        try:
            found = endpoints.find(endpoint)
            raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            deliveries = list(deliveries_from(raw, found))
        except (endpoints.Refused, OSError, Unusable) as error:
            raise CommandError(str(error)) from error
        counts = dict.fromkeys(("processed", "ignored", "failed", "known"), 0)
        for start in range(0, len(deliveries), committer.BATCH):
            batch = deliveries[start : start + committer.BATCH]
            self._take(batch, counts)
            self.stderr.write(f"{start + len(batch):,} of {len(deliveries):,}", style_func=str)
        enqueue("count_all_traffic")  # they may be old
        self.stdout.write(json.dumps({"endpoint": str(found.id), **counts}))
        if counts["failed"]:
            raise CommandError(f"{counts['failed']:,} failed; each delivery's row says why.")

    def _take(self, batch: list[Delivery], counts: dict[str, int]) -> None:
        distinct = {delivery.id: delivery for delivery in batch}
        known = taken_in(list(distinct.values()))
        try:
            inbox.store([delivery for key, delivery in distinct.items() if key not in known])
        except inbox.Unavailable as error:
            raise CommandError(f"could not be stored, run it again: {error}") from error
        counts["known"] += len(known) + len(batch) - len(distinct)
        for key, delivery in distinct.items():
            if key not in known:
                counts[State(delivery.state).value] += 1
