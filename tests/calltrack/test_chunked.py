"""A chunked body at the real server, which gives it to Django without its length."""

import http.client

import pytest
from django.db import connection

from calls import api_keys
from calls.models import CallNote
from tests import factories
from tests.server import database_url_of, running_server


@pytest.mark.django_db(transaction=True)
def test_a_chunked_write_is_refused_not_read_as_empty(tmp_path):
    call = factories.CallFactory()
    _, key = api_keys.create("a test", api_keys.SCOPES)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answers = []
    with running_server(tmp_path, database_url=database_url_of(connection), workers=1) as server:
        for body in (iter([b'{"text": ', b'"Called back."}']), b'{"text": "Called back."}'):
            asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            asked.request("POST", f"/api/v1/calls/{call.pk}/notes/", body, headers)
            answers.append(asked.getresponse().status)
            asked.close()
    assert answers == [411, 201]
    assert CallNote.objects.count() == 1
