"""`manage.py bench`: what its figures rest on, not the figures."""

import io
import os
import resource
import subprocess
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.utils.module_loading import import_string

from calls.models import ChangeSet, StaleSlot
from calltrack.management.commands import bench
from tests.bench import cpu, servers
from tests.bench.ingest import load, report
from tests.bench.ingest.product import Product
from tests.bench.ingest.rounds import complete
from tests.bench.programs import startproject, through_orm
from tests.server import ROOT
from tests.webhooks.door import call_event, to_bytes
from tests.webhooks.lives import NOON, Lives, everything, wipe
from webhooks import inbox
from webhooks.models import Delivery
from webhooks.simulator import accounts
from webhooks.simulator.delivery import Target
from webhooks.simulator.story import Request


@pytest.fixture(scope="module")
def product():
    with servers.running_up("", workers=1, threads=16) as running:
        yield Product(running, "")


def send(product, requests, **options):
    """What the generator counted, and how many rows there are more."""
    before = product.rows()
    found = load.drive(requests, product.running.port, **{"connections": 8} | options)
    product.lives.sent(found.sent)
    return found, product.rows() - before


def test_each_delivery_is_sent_once_and_each_answer_counted(product):
    requests = product.lives.prepare(200)
    assert len(set(requests)) == 200
    found, rows = send(product, requests, seconds=60)
    assert (found.count, found.sent, rows, found.trouble) == (200, 200, 200, {})
    assert 0 < found.p50 <= found.p99


def test_at_a_rate_all_are_sent_at_even_times(product):
    found, rows = send(product, product.lives.prepare(20), seconds=1, rate=10)
    assert (found.count, found.sent, rows, found.trouble) == (10, 10, 10, {})
    assert found.seconds >= 0.89  # the last is not due before


def test_what_was_prepared_and_not_sent_comes_next(product):
    lives = product.lives
    lives.prepare(20)
    twenty = [one.request for one in lives.coming[:20]]
    lives.sent(5)
    lives.prepare(30)
    assert [one.request for one in lives.coming[:15]] == twenty[5:]


def test_what_is_refused_counts_as_no_acknowledgement(product):
    lives = product.lives
    right, targets = lives.prepare(20), lives.targets
    lives.sent(20)
    lives.targets = dict.fromkeys(targets, Target("/webhooks/callerdesk/nobody's/"))
    wrong = lives.prepare(20)
    lives.targets = targets
    both = [one for pair in zip(right, wrong, strict=True) for one in pair]
    found, rows = send(product, both, seconds=60)
    assert (found.count, rows, found.trouble) == (20, 20, {"404": 20})


def test_half_are_of_each_provider(product):
    requests = product.lives.prepare(1_000)
    signed = [one for one in requests if b"\r\nFreeClimb-Signature: t=" in one]
    assert 0.4 < len(signed) / len(requests) < 0.6


@pytest.mark.django_db
def test_what_is_written_through_the_orm_is_what_we_write():
    endpoints = {name: accounts.own(name).endpoint for name in ("freeclimb", "callerdesk")}
    account = accounts.ACCOUNT_IDS["freeclimb"]
    lives = Lives(endpoints, account_id=account)
    requests = [request for number in range(40) for request in lives.requests(number)]
    # A ring of parents, and a child whose parent is told late.
    for child, parent in (("CA1", "CA2"), ("CA2", "CA1"), ("CA3", None), ("CA3", "CA4")):
        event = call_event("redirect", accountId=account, callId=child, parentCallId=parent)
        requests.append(Request("freeclimb", NOON, body=to_bytes(event)))
    requests += requests[:50]  # replays
    written = []
    for put in (lambda delivery: inbox.store([delivery]), through_orm.put):
        wipe()
        ChangeSet.objects.all().delete()
        StaleSlot.objects.all().delete()
        for request in requests:
            put(lives.delivery(request))
        written.append(
            {
                "calls": everything(),
                "deliveries": set(Delivery.objects.values_list("id", "state", "reason")),
                "slots": Counter(map(str, StaleSlot.objects.values_list("begins_at", "customers"))),
                "changes": Counter(str(sorted(one.changes)) for one in ChangeSet.objects.all()),
            }
        )
    ours, theirs = written
    assert Counter(state for _, state, _ in ours["deliveries"])["processed"] > 200
    assert theirs == ours


def test_a_new_project_has_the_middleware_of_djangos_template():
    found = startproject.new_project("MIDDLEWARE")["MIDDLEWARE"]
    assert "django.contrib.sessions.middleware.SessionMiddleware" in found
    assert all(map(import_string, found))


def test_cpu_time_counts_children_that_ended():
    before, childrens = cpu.seconds(os.getpid()), resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    subprocess.run(["/bin/sh", "-c", busy], check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - childrens.ru_utime
    assert cpu.seconds(os.getpid()) - before > 0.9 * used


def test_the_table_tells_ratios_of_the_same_round_and_what_was_lost():
    def runs(*counts, **more):
        return [load.Measured(count, 1.0, {"workers": 0.5}, **more) for count in counts]

    product = runs(300, 100, 200)
    for one in product:
        one.rows = one.count - 1
    found = {"product": product, "bare": runs(600, 400, 800)}
    assert report.line("bare", found["bare"], product).startswith(
        f"| {report.NAMES['bare']} | 600 | 0.25 |"
    )
    assert report.lost({"sqlite": found}).endswith("acknowledged: 600; rows: 597; lost: 3.")


@pytest.mark.parametrize(
    ("rows", "unanswered", "wrk", "well"),
    [
        (100, 0, False, True),
        (99, 0, False, False),  # lost
        (101, 0, False, False),  # where from?
        (101, 1, False, True),
        (99, 0, True, False),
        (164, 0, True, True),  # it does not wait for its last ones
    ],
)
def test_a_run_that_lost_something_ends_the_benchmark(rows, unanswered, wrk, well):
    found = load.Measured(100, 1.0, {}, rows=rows, trouble={"none": unanswered})
    if well:
        assert complete(found, wrk) is found
    else:
        with pytest.raises(RuntimeError, match=f"100 acknowledged, but {rows} rows"):
            complete(found, wrk)


def test_the_command_is_told_without_places_of_this_machine():
    words = ["--sizes", "10", "--at", "10=postgres://x", "--keep=/a", "--times", "5"]
    assert bench.without_places([*words, "--write-readme"]) == ["--sizes", "10", "--times", "5"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ingest", "--rounds", "0"], "a whole number from 1, not '0'"),
        (["ingest", "--seconds", "soon"], "a whole number from 1 to 60, not 'soon'"),
        (["ingest", "--seconds", "90"], "from 1 to 60, not '90'"),
        (["ingest", "--calls", "9"], "a whole number from 10, not '9'"),
        (["ingest", "--only", "pgbanch"], "invalid choice: 'pgbanch'"),
        (["ingest", "--only", "sqlite", "--write-readme"], "it replaces the whole table"),
        (["reads", "--only", "Home", "--write-readme"], "it replaces the whole table"),
        (["reads", "--sizes", "0"], "a whole number from 1,000, not '0'"),
        (["reads", "--times", "-1"], "a whole number from 1, not '-1'"),
        (["reads", "--at", "10_000=postgres://127.0.0.1:1/none"], "10,000: connection"),
        (["rebuild", "--deliveries", "-3"], "a whole number from 100, not '-3'"),
        (["export", "--calls", "5_000"], "a whole number from 5,001, not '5_000'"),
    ],
)
def test_nonsense_is_refused_before_anything_starts(arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        call_command("bench", *arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_an_unknown_benchmark_is_refused():
    with pytest.raises(CommandError, match="invalid choice: 'everything'"):
        call_command("bench", "everything", stdout=io.StringIO())


def test_a_table_takes_the_place_of_the_last_one(tmp_path):
    path = tmp_path / "README.md"
    marks = "<!-- bench:{0} -->\nold\n<!-- /bench:{0} -->\n"
    path.write_text(f"a\n{marks.format('ingest')}b\n{marks.format('reads')}c\n")
    bench.write_into(path, "ingest", "| new |\n")
    new = marks.format("ingest").replace("old", "| new |")
    assert path.read_text() == f"a\n{new}b\n{marks.format('reads')}c\n"
    with pytest.raises(CommandError, match="has no <!-- bench:export --> … "):
        bench.write_into(path, "export", "| new |\n")


def test_the_readme_has_a_place_for_each():
    readme = (ROOT / "README.md").read_text()
    for name in bench.BENCHES:
        assert readme.count(f"<!-- bench:{name} -->\n") == 1
        assert readme.count(f"<!-- /bench:{name} -->\n") == 1
