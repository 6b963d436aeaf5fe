"""Settings come from the environment; what cannot be meant is refused in one line."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from calltrack import secret_key
from calltrack.databases import database
from calltrack.public_url import split_public_url
from tests.server import ROOT


def manage(data_dir, *arguments, **env):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=kept | {"CALLTRACK_DATA": str(data_dir), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_production_passes_the_deployment_check(tmp_path):
    done = manage(
        tmp_path,
        *("check", "--deploy", "--fail-level", "WARNING"),
        PUBLIC_URL="https://calls.example.com",
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "calls.example.com"),
        ("PUBLIC_URL", "https://calls.example.com/path"),
        ("PUBLIC_URL", "https://calls.example.com:port"),
        ("DATABASE_URL", "mysql://localhost/calls"),
        ("LOG_FORMAT", "xml"),
        ("DEBUG", "maybe"),
        ("DATABASE_POOL_SIZE", "many"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(tmp_path, name, value):
    done = manage(tmp_path, "check", **{name: value})
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert name in done.stderr


@pytest.mark.parametrize("url", ["https://calls.example.com", "http://10.0.0.1:8000/"])
def test_a_public_url_is_scheme_host_and_port(url):
    assert split_public_url(url).hostname


def test_sqlite_keeps_what_was_acknowledged(tmp_path):
    config = database(f"sqlite:///{tmp_path}/calls.sqlite3", tmp_path, pool_size=1)
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in config["OPTIONS"]["init_command"]


def test_postgresql_is_pooled_and_keeps_its_own_options(tmp_path):
    url = "postgres://user:pass@db.example:5433/calls?sslmode=require"
    config = database(url, tmp_path, pool_size=7)
    assert config["NAME"] == "calls"
    assert config["OPTIONS"]["sslmode"] == "require"
    assert config["OPTIONS"]["pool"]["max_size"] == 7


def test_a_secret_key_is_made_once_for_the_owner_alone(tmp_path):
    path = tmp_path / "var" / "secret_key"
    key = secret_key.load_or_create(path)
    assert len(key) >= 50
    assert secret_key.load_or_create(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


def test_an_empty_secret_key_file_is_refused(tmp_path):
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(ImproperlyConfigured, match="holds no key"):
        secret_key.load_or_create(tmp_path / "secret_key")


def test_nobody_else_frames_us_or_runs_scripts_in_our_pages(client):
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True, SECURE_SSL_HOST="calls.example.com")
def test_people_are_sent_to_https(client):
    answer = client.get("/admin/login/")
    assert answer.headers["Location"] == "https://calls.example.com/admin/login/"
