import re
from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from webhooks.retention import prunable


class Command(BaseCommand):
    help = (
        "Delete old deliveries of finished subjects: calls that are over, conferences that ended, "
        "and what was about nothing. What failed is kept, for it may be processed again. Rows "
        "about calls stay as they are."
    )

    def add_arguments(self, parser):
        parser.add_argument("--older-than", required=True, help="days: 90d")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *, older_than, dry_run, **options):
        days = re.fullmatch(r"(\d{1,5})d?", older_than.strip())
        if not days or not int(days[1]):
            raise CommandError("--older-than is a number of days, at least one: 90d")
        before: datetime = now() - timedelta(days=int(days[1]))
        seen = pruned = 0
        for batch in prunable(before):
            seen += batch.seen
            pruned += len(batch.ids)
            if not dry_run:
                batch.delete()
            self.stderr.write(
                f"{seen:,} old deliveries seen, {pruned:,} of finished subjects", style_func=str
            )
        self.stdout.write(f"{pruned:,} deliveries {'would be' if dry_run else 'were'} deleted.")
