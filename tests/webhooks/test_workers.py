"""The real server with four workers: eight threads post the same, and nothing is lost."""

import http.client
import random
import threading
from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.db import connection

from calls.models import Call
from tests.server import database_url_of, running_server
from tests.webhooks.door import SECRET, signature
from tests.webhooks.lives import TABLES, Lives, everything, wipe
from webhooks import inbox
from webhooks.endpoints import create_endpoint, endpoint_path
from webhooks.models import Delivery, State
from webhooks.rebuild import rebuild

DELIVERIES = 500
THREADS = 8
ACCOUNT = "AC" + "0" * 40


def posts():
    """(path, request, headers) of 500 distinct webhooks; each signed once, now."""
    made = {p: create_endpoint(provider=p, account="Main") for p in ("freeclimb", "callerdesk")}
    made["freeclimb"][0].secrets.create(kind="signing", value=SECRET, hint=SECRET[-4:])
    lives = Lives({p: endpoint for p, (endpoint, _) in made.items()}, account_id=ACCOUNT)
    paths = {p: endpoint_path(endpoint, token) for p, (endpoint, token) in made.items()}
    number, found = 0, {}
    while len(found) < DELIVERIES:
        for request in lives.requests(number):
            headers = {"Content-Type": request.content_type or "application/json"}
            if request.provider == "freeclimb":
                headers["FreeClimb-Signature"] = signature(request.body)
            query = f"?{request.query}" if request.query else ""
            path = paths[request.provider] + query
            found[path, request.body] = (request.method, path, request.body, headers)
        number += 1
    return list(found.values())[:DELIVERIES]


def post_all(url, requests):
    """The status codes, counted."""
    codes, lock = Counter(), threading.Lock()

    def work(seed):
        mine = list(requests)
        random.Random(seed).shuffle(mine)
        client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        for method, path, body, headers in mine:
            client.request(method, path, body, headers)
            response = client.getresponse()
            response.read()
            with lock:
                codes[response.status] += 1
        client.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return codes


@pytest.mark.django_db(transaction=True)
def test_eight_threads_through_four_workers_lose_nothing_and_agree_with_a_serial_run(tmp_path):
    """Promise 3: split over processes. Promise 4: and rebuild agrees."""
    requests = posts()
    url = database_url_of(connection)
    with running_server(tmp_path, database_url=url, workers=4) as server:
        assert len(server.workers()) == 4
        assert post_all(server.url, requests) == {200: THREADS * DELIVERIES}
        assert Delivery.objects.count() == DELIVERIES
        assert not Delivery.objects.exclude(state__in=[State.PROCESSED, State.IGNORED]).exists()
        revisions = {m: dict(m.objects.values_list("id", "revision")) for m in TABLES}
        assert post_all(server.url, requests) == {200: THREADS * DELIVERIES}
        assert {m: dict(m.objects.values_list("id", "revision")) for m in TABLES} == revisions
    report = rebuild(verify=True)
    assert (report.different, report.unvouched) == ([], [])
    raced = everything()
    assert len(raced[Call]) > 50
    check_serial(raced)


def check_serial(raced):
    """One by one, in the order of receipt, gives what the race gave."""
    kept = list(Delivery.objects.select_related("endpoint__account").order_by("received_at"))
    wipe()
    Delivery.objects.bulk_create(kept)
    for delivery in kept:
        inbox.process_again([delivery])
    serial = everything()
    for model in TABLES:
        assert serial[model] == raced[model]
