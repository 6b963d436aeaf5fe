"""The jobs that keep and forget deliveries, run as if it were noon of some day."""

from datetime import UTC, datetime, time

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from calltrack import jobs
from webhooks import retention

WHOLE = ("webhooks", "0006_endpoint_salt")  # the migration before there were partitions


class Progress(jobs.Progress):
    """Of a job that nobody interrupts."""

    def __init__(self):
        self.position, self.done, self.message = {}, 0, ""

    def save(self, *, done=None, total=None, position=None):
        self.done = self.done if done is None else done


def made(today):
    retention.make_partitions(progress := Progress(), datetime.combine(today, time(12), UTC))
    return progress


def forgotten(today):
    retention.forget_deliveries(progress := Progress(), datetime.combine(today, time(12), UTC))
    return progress


def a_table_without_days():
    """As it is after the migration: partitions outlive a test, unlike rows."""
    MigrationExecutor(connection).migrate([WHOLE])
    to_the_newest()


def to_the_newest():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
