"""What the README shows integrators, run as it is printed."""

import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection

from calls import api_keys
from tests import factories
from tests.factories import NOON
from tests.server import ROOT, database_url_of, running_server

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 60  # a busy machine is slow, not wrong
CALLER = "+13125550142"


def section(title):
    """[(language, code)] of a section of the README, by the beginning of its title."""
    found = re.search(rf"^### {re.escape(title)}.*?(?=^##)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {title!r}"
    return BLOCK.findall(found[0])


class Integrator:
    """Somebody with a key and a folder of their own, who does what the README says."""

    def __init__(self, server, folder):
        self.folder = folder
        self.environ = os.environ | {
            "CALLTRACK_URL": server.url,
            "CALLTRACK_KEY": api_keys.create("crm", list(api_keys.SCOPES))[1],
        }
        (helper,) = [code for _, code in section("1.") if code.startswith("# calltrack_api.py")]
        (folder / "calltrack_api.py").write_text(helper)

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
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
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
