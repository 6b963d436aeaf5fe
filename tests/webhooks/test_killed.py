"""kill -9 under load: what was acknowledged is there."""

import http.client
import os
import signal
import threading
from urllib.parse import urlsplit

import pytest
from django.db import connection

from calls.models import Call
from tests.server import database_url_of, running_server
from tests.webhooks.door import call_report, to_bytes
from webhooks.endpoints import create_endpoint, endpoint_path
from webhooks.models import Delivery
from webhooks.rebuild import rebuild

BEFORE_THE_KILL = 150  # acknowledgements


def keep_posting(url, path, name, acknowledged, enough):
    """Post calls until the server is gone; remember those it acknowledged."""
    client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    number = 0
    while True:
        number += 1
        sid = f"{name}.{number}"
        try:
            client.request("POST", path, to_bytes(call_report(CallSid=sid)))
            response = client.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return
        assert response.status == 200
        acknowledged.append(sid)
        if len(acknowledged) >= BEFORE_THE_KILL:
            enough.set()


@pytest.mark.django_db(transaction=True)
def test_what_was_acknowledged_survives_kill_9_of_every_process(tmp_path):
    """Promise 1: a 2xx survives kill -9 of anything."""
    endpoint, token = create_endpoint(provider="callerdesk", account="Desk")
    path = endpoint_path(endpoint, token)
    acknowledged, enough = [], threading.Event()
    with running_server(tmp_path, database_url=database_url_of(connection), workers=2) as server:
        threads = [
            threading.Thread(target=keep_posting, args=(server.url, path, n, acknowledged, enough))
            for n in range(6)
        ]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        for pid in [*server.workers(), server.process.pid]:
            os.kill(pid, signal.SIGKILL)
        for thread in threads:
            thread.join(60)
    stored = set(Call.objects.values_list("provider_call_id", flat=True))
    assert len(acknowledged) >= BEFORE_THE_KILL
    assert set(acknowledged) - stored == set()
    assert Delivery.objects.filter(state="processed").count() == len(stored)
    assert rebuild(verify=True).different == []
