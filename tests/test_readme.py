"""What the README shows integrators, run as it is printed."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from django.core.management import call_command
from django.db import connection

from calls.feed import notes
from calls.models import Call, CallNote
from tests import factories
from tests.factories import NOON
from tests.server import ROOT, database_url_of, running_server
from tests.webhooks.door import payload, to_bytes
from webhooks.endpoints import create_endpoint, endpoint_path
from webhooks.models import Message, Subscription
from webhooks.outgoing.again import send_test

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLAIN = re.MULTILINE | re.DOTALL
SECONDS = 60  # a busy machine is slow, not wrong
CALLER = "+13125550142"


def section(title):
    """[(language, code)] of a section of the README, by the beginning of its title."""
    found = re.search(rf"^### {re.escape(title)}.*?(?=^##)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {title!r}"
    return BLOCK.findall(found[0])


def made_key():
    """A key, made by the command that is printed."""
    (block,) = re.findall(
        r"^```\n(python3 manage\.py create_api_key --name crm.*?)^```$", README, PLAIN
    )
    _, _, *command = shlex.split(block)
    printed = io.StringIO()
    call_command(*command, stdout=printed, stderr=io.StringIO())
    return json.loads(printed.getvalue())["key"]


class Integrator:
    """Somebody with a key and a folder of their own, who does what the README says."""

    def __init__(self, server, folder):
        self.folder = folder
        self.environ = os.environ | {
            "CALLTRACK_URL": server.url,
            "CALLTRACK_KEY": made_key(),
        }
        (helper,) = [code for _, code in section("1.") if code.startswith("# calltrack_api.py")]
        (folder / "calltrack_api.py").write_text(helper)

    def copied(self):
        """Id → number of each object in the copy that the third section keeps."""
        with sqlite3.connect(self.folder / "copy.sqlite3") as copy:
            rows = copy.execute("SELECT id, object FROM objects").fetchall()
        shown = {key: json.loads(text) for key, text in rows}
        return {key: one.get("from_number") or one.get("number") for key, one in shown.items()}

    def command(self, language, code):
        if language == "sh":
            return ["bash", "-euo", "pipefail", "-c", code]
        return [sys.executable, "-c", code]

    def run(self, language, code):
        done = subprocess.run(
            self.command(language, code),
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def do(self, title):
        """The output of a section's shell blocks, joined, and of its Python blocks."""
        blocks = section(title)
        shell = [self.run(*block) for block in blocks if block[0] == "sh"]
        python = [self.run(*block) for block in blocks if block[0] == "python"]
        return "".join(shell), "".join(python)


@pytest.fixture
def integrator(transactional_db, tmp_path):
    if not shutil.which("curl"):
        pytest.skip("no curl on this machine")
    env = {"OUTGOING_ALLOW_HTTP": "true", "OUTGOING_ALLOWED_NETWORKS": "127.0.0.0/8"}
    with running_server(tmp_path, database_url=database_url_of(connection), env=env) as server:
        yield Integrator(server, tmp_path)


def test_calls_are_listed_page_by_page_and_found_by_number(integrator):
    account = factories.AccountFactory()
    call = factories.CallFactory(
        account=account, from_number=CALLER, from_raw="3125550142", created_at=NOON
    )
    factories.CallFactory(account=account, created_at=NOON + timedelta(days=1))
    said, printed = integrator.do("1.")
    assert str(call.id) in said
    assert printed == f"2026-03-14T12:00:00Z {CALLER} completed\n"

    said, printed = integrator.do("2.")
    assert str(call.id) in said
    assert printed.count(str(call.id)) == 3


def test_a_copy_follows_every_change(integrator):
    call = factories.CallFactory(from_number=CALLER)
    leg = factories.LegFactory(call=call)
    said, _ = integrator.do("3.")
    assert str(call.id) in said
    assert integrator.copied() == {str(call.id): CALLER, str(leg.id): leg.number}

    Call.objects.update(from_number="+13125550143", revision=2)
    gone = ["leg", leg.id.hex, 1, ["erased"]]
    leg.delete()
    notes.note([["call", call.id.hex, 2, ["changed"]], gone], "default")
    integrator.do("3.")
    assert integrator.copied() == {str(call.id): "+13125550143"}


def test_a_month_comes_in_one_file(integrator):
    call = factories.CallFactory(created_at=NOON, talk_seconds=188)
    factories.CallFactory(account=call.account, created_at=NOON + timedelta(days=30))
    _, printed = integrator.do("4.")
    assert printed == "188 seconds\n"
    (row,) = csv.DictReader((integrator.folder / "march.csv").open())
    assert row["id"] == str(call.id)


def test_a_missed_call_is_told_of_and_noted_on_the_call(integrator):
    ((shell, subscribe), (python, receive)) = section("5.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    integrator.environ |= {"RECEIVER_PORT": port, "RECEIVER_URL": f"http://127.0.0.1:{port}/"}
    integrator.run(shell, subscribe)
    with subprocess.Popen(
        integrator.command(python, receive), cwd=integrator.folder, env=integrator.environ
    ) as receiver:
        try:
            assert eventually(lambda: listens(int(port)))  # a test is tried once
            test = send_test(Subscription.objects.get())
            assert eventually(Message.objects.filter(pk=test.pk).exclude(state="queued").exists)
            assert Message.objects.get(pk=test.pk).state == "delivered", list(test.tries.values())
            said = payload("callerdesk", "report_inbound_abandoned")
            token = create_endpoint(provider="callerdesk", account="Desk")
            address = integrator.environ["CALLTRACK_URL"] + endpoint_path(*token)
            urlopen(Request(address, to_bytes(said), {"Content-Type": "application/json"})).close()
            assert eventually(CallNote.objects.exists)
        finally:
            receiver.kill()
    note = CallNote.objects.get()
    assert (note.call.missed, note.text) == (True, "Missed: please call back.")


def listens(port) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def eventually(happened) -> bool:
    """Whether something that other processes do came about in time."""
    until = time.monotonic() + SECONDS
    while not (there := happened()) and time.monotonic() < until:
        time.sleep(0.1)
    return there


def test_behind_the_proxy_that_is_printed_everybody_has_an_address_of_their_own():
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in README
    assert "Environment=TRUSTED_PROXIES=1\n" in README


def test_each_setting_is_explained_once():
    table = re.search(r"^## Settings.*?(?=^## )", README, PLAIN)[0]
    names = [name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in row.split(", ")]
    assert len(names) > 20
    assert len(names) == len(set(names))
