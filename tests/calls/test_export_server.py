"""The export from the real server: whole, broken by a fault, cut by a kill, and left by its taker.

Our server ends an answer whose iterator raised like a whole one; so what breaks must show in the
bytes."""

import http.client
import json
import os
import signal
import threading

import pytest
from django.db import connection

from calls import api_keys
from calls.models import Call
from calltrack.models import AuditEntry
from tests import factories
from tests.server import database_url_of, running_server

MANY = 3_500  # with these texts more than the system's buffers hold between server and taker
TEXTS = ["agent_name", "group_name", "ivr_keys", "queue_id", "phone_number_id", "application_id"]
TEXTS += ["provider_request_id", "provider_end_reason", "provider_error_code"]
NO_STRENGTH = 99  # a row that cannot be shown, in the second batch


def ask(server, key, account):
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    path = f"/api/v1/calls/export?account={account.pk}"
    asked.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    response = asked.getresponse()
    assert response.status == 200, response.read()[:500]
    return asked, response


def ends_of_exports(number):
    """What the audit log says of this many exports that ended, the latest first."""
    pause, ended = threading.Event(), AuditEntry.objects.filter(object_id__gt="").order_by("-at")
    for _ in range(1_200):
        if ended.count() >= number:
            return [entry.details for entry in ended]
        pause.wait(0.05)
    raise AssertionError(f"not {number} ended: {list(ended)}")


@pytest.mark.django_db(transaction=True)
def test_what_a_taker_gets_however_it_ends(tmp_path):
    good, bad = factories.AccountFactory(), factories.AccountFactory()
    long = dict.fromkeys(TEXTS, "x" * 250)
    Call.objects.bulk_create(factories.CallFactory.build_batch(MANY, account=good, **long))
    worst = factories.CallFactory.build(account=bad, strength=NO_STRENGTH)  # the oldest of them
    Call.objects.bulk_create([worst, *factories.CallFactory.build_batch(2_200, account=bad)])
    _, key = api_keys.create("a test", ["export", "numbers:full"])
    with running_server(tmp_path, database_url=database_url_of(connection), workers=1) as server:
        _, response = ask(server, key, good)
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert response.headers["Content-Encoding"] is None
        body = response.read()
        assert body.endswith(b"\n")
        assert len({json.loads(line)["id"] for line in body.splitlines()}) == MANY
        [told] = ends_of_exports(1)
        assert (told["rows"], told["complete"]) == (MANY, True)

        *lines, last = ask(server, key, bad)[1].read().split(b"\n")
        assert len([json.loads(line) for line in lines]) == 2_000
        with pytest.raises(ValueError):
            json.loads(last)
        told = ends_of_exports(2)[0]
        assert (told["rows"], told["complete"]) == (2_000, False)
        assert server.wait_for("An export broke off after 2000 rows")

        asked, response = ask(server, key, good)
        assert response.read(10)
        response.close()
        asked.close()
        told = ends_of_exports(3)[0]
        assert told["rows"] < MANY
        assert told["complete"] is False

        _, response = ask(server, key, good)
        assert response.read(10)
        [worker] = server.workers()
        os.kill(worker, signal.SIGKILL)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
