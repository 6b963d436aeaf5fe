"""Commands on a database that is not there, or not prepared."""

import subprocess
import sys

import pytest

from tests.server import ROOT, environment


@pytest.mark.parametrize("url", ["", "postgres://nobody@127.0.0.1:1/calls"])
def test_a_command_says_in_one_line_that_the_database_cannot_be_used(tmp_path, url):
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "process_deliveries"],
        env=environment(tmp_path, url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "database cannot be used" in done.stderr
