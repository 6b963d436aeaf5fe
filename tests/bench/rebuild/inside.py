"""What the benchmark does within a database, in a process of its own: it tells JSON.

python -m tests.bench.rebuild.inside fill N | prepare WHAT | rebuild | verify
"""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 – needs settings

from calls.models import (  # noqa: E402
    Call,
    ChangeSet,
    Conference,
    Leg,
    Participant,
    Recording,
    StaleSlot,
)
from calls.upsert import insert_new  # noqa: E402
from webhooks import inbox  # noqa: E402
from webhooks.endpoints import create_endpoint  # noqa: E402
from webhooks.rebuild import rebuild  # noqa: E402
from webhooks.simulator import past  # noqa: E402
from webhooks.simulator.plan import Plan  # noqa: E402

ACCOUNT = "AC" + "0" * 40
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=5)  # calls begin: a million deliveries come within two weeks
STRETCH = 6  # calls of minutes, not seconds
BATCH = 2_000


def fill(deliveries):
    """Store so many deliveries of whole lives, processed but merged into no call."""
    providers = ("freeclimb", "callerdesk")
    endpoints = {p: create_endpoint(provider=p, account=f"Bench {p}")[0] for p in providers}
    plan = Plan("bench", providers, ACCOUNT)
    stored = number = 0
    batch = []
    while stored < deliveries:
        for request in plan.life(number, BEGIN + number * APART, STRETCH).requests:
            batch.append(delivery(endpoints[request.provider], request))
        number += 1
        batch = batch[: deliveries - stored]
        if len(batch) >= min(BATCH, deliveries - stored):
            with transaction.atomic():
                stored += len(insert_new(batch, using="default"))
            batch = []
    return {"deliveries": stored}


def delivery(endpoint, request):
    made = past.delivery(request, endpoint)
    inbox.digest(made)  # its row tells what became of it, as the door leaves it
    return made


def prepare(what):
    if what == "empty":
        for model in (Recording, Participant, Conference, Leg, Call, ChangeSet, StaleSlot):
            model.objects.all()._raw_delete("default")
    elif what == "spoiled":
        tenth = {"id__lt": UUID(int=2**128 // 10)}
        Call.objects.filter(**tenth).update(customer_number="spoiled", missed=True)
        Leg.objects.filter(**tenth).update(number="spoiled")
        Recording.objects.filter(**tenth).update(url="spoiled")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("ANALYZE")
    return {}


def measure(*, verify):
    read_until = []

    def progress(what, done):
        if what == "deliveries read":
            read_until[:] = [time.perf_counter()]

    connection.ensure_connection()
    Path("/proc/self/clear_refs").write_text("5")  # the most so far is what is held now
    held, begun, used = memory("VmRSS"), time.perf_counter(), time.process_time()
    report = rebuild(verify=verify, progress=progress)
    return {
        "seconds": time.perf_counter() - begun,
        "reading": read_until[0] - begun,
        "cpu": time.process_time() - used,
        "megabytes": memory("VmHWM") - held,
        "scratch": report.scratch_bytes,
        "deliveries": report.deliveries,
        "written": report.written,
        "differences": report.differences + report.without_a_word,
    }


def memory(name):
    """In MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    return int(told[name].split()[0]) / 1024


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", count]:
            told = fill(int(count))
        case ["prepare", what]:
            told = prepare(what)
        case [action]:
            told = measure(verify=action == "verify")
    print(json.dumps(told))
