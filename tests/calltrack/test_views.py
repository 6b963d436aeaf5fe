"""What load balancers ask, and what the logs keep of paths."""

import io
import json
import logging
import logging.config

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError

from calltrack import logs


def test_alive_needs_no_database(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready(client):
    answer = client.get("/readyz", headers={"host": "any.example"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Content-Length"]


@pytest.mark.django_db
def test_not_ready_before_a_migration(client):
    [last] = MigrationLoader(connection).graph.leaf_nodes("webhooks")
    MigrationRecorder(connection).record_unapplied(*last)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not migrated"


def test_not_ready_without_a_database(client, monkeypatch):
    def fail(recorder):
        raise OperationalError("connection refused")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "database unreachable"})


@pytest.mark.django_db
def test_the_start_page_is_the_admin(client):
    assert client.get("/").headers["Location"] == "/admin/"


def log_lines(client, settings, monkeypatch, log_format):
    """What a failure at a webhook's address writes, in the words of our settings."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    config = logging.config.DictConfigurator(settings.LOGGING)
    handler.setFormatter(config.configure_formatter(settings.LOGGING["formatters"][log_format]))
    for name in settings.LOGGING["handlers"]["stderr"].get("filters", ()):
        handler.addFilter(config.configure_filter(settings.LOGGING["filters"][name]))
    logger = logging.getLogger("django.request")
    monkeypatch.setattr(logger, "handlers", [handler])
    request = client.post("/webhooks/callerdesk/s3cr3t/").wsgi_request  # logs a 404
    try:
        raise OSError("no way to '/webhooks/callerdesk/s3cr3t/'")
    except OSError:
        extra = {"status_code": 401, "request": request}
        logger.exception('Said: "%s"', request.path, extra=extra)
    return stream.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_tokens_stay_out_of_the_logs(client, settings, monkeypatch, log_format):
    written = log_lines(client, settings, monkeypatch, log_format)
    assert "s3cr3t" not in written
    assert written.count("/webhooks/callerdesk/…") >= 3
    if log_format == "json":
        assert all(json.loads(line)["logger"] for line in written.splitlines())


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Not Found: /webhooks/freeclimb/s3cr3t/", "Not Found: /webhooks/freeclimb/…/"),
        ("/webhooks/callerdesk/s3cr3t?CallSid=1", "/webhooks/callerdesk/…?CallSid=1"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_of_a_path_only_the_token_goes(message, kept):
    record = logging.makeLogRecord({"msg": "%s", "args": (message,)})
    assert logs.TextFormatter().format(record) == kept


def test_log_lines_as_json():
    record = logging.makeLogRecord({"msg": "hello", "levelno": 20, "name": "calls"})
    line = logs.JsonFormatter().format(record)
    assert '"event": "hello"' in line
    assert '"logger": "calls"' in line
