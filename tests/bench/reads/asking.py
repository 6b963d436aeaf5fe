"""The process that asks the application on one database, in itself, as its workers would.

    DATABASE_URL=postgres://… python -m tests.bench.reads.asking TIMES

A line of JSON in is a question, a line of JSON out its answer: first it tells what lines there are,
then [line, "ask", turn] is answered with milliseconds of the clock and of this process' own work,
[line, "look", turn] with the number of queries and the plans of those that are slow or read a
whole big table. It reads as a superuser and with a key of an integration of its own, which are
gone at the end.
"""

import base64
import contextlib
import json
import os
import re
import secrets
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")
django.setup()

from django.conf import settings  # noqa: E402 – needs settings
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection, reset_queries  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from calls import api_keys  # noqa: E402
from calltrack import serving  # noqa: E402

from . import api, desk, freeclimb  # noqa: E402

LOGIN = reverse("admin:login")
BIG = "calls_call|calls_leg|calls_recording|calls_participant|calls_conference"
SLOW = 0.05  # seconds of one query after which its plan is told


class Wrong(Exception):
    """Something was answered with other than 200, or with the page to log in."""


class Asker:
    def __init__(self, key, user):
        self.user = user
        self.of_desk = Client(headers={"host": "localhost"})
        self.of_desk.force_login(user)
        bearer = f"Bearer {key}"
        self.of_api = Client(headers={"host": "localhost", "authorization": bearer})
        self.key = key

    def ask(self, address, parameters):
        client, headers = self.of_desk, {}
        if address.startswith("/apiserver/"):
            pair = f"{address.split('/')[3]}:{self.key}".encode()
            headers = {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
            client = self.of_api
        elif address.startswith("/api/"):
            client = self.of_api
        response = client.get(address, parameters, follow=True, headers=headers)
        if response.status_code != 200:
            raise Wrong(f"{address} {parameters}: {response.status_code}")
        if response.request["PATH_INFO"] == LOGIN:  # somebody took the user away meanwhile
            raise Wrong(f"{address} {parameters}: asks who it is")

    def timed(self, asked):
        """[milliseconds, those of this process alone]"""
        begun, used = time.perf_counter(), time.process_time()
        self.ask(*asked)
        took, own = time.perf_counter() - begun, time.process_time() - used
        return [took * 1000, own * 1000]

    def looked(self, asked):
        """[how many queries, {query: [milliseconds, plan]}], apart from the times."""
        connection.force_debug_cursor = True
        reset_queries()
        self.ask(*asked)
        queries = [query for query in connection.queries if query["sql"].startswith("SELECT")]
        connection.force_debug_cursor = False
        told = {}
        for query in queries:
            sql, took = query["sql"], float(query["time"])
            found = plan(sql)
            if took > SLOW:
                found = plan(sql, "(ANALYZE, BUFFERS)")
            if took > SLOW or re.search(rf"Seq Scan on ({BIG})\b", found):
                told[shape(sql)] = [took * 1000, f"{sql[:1500]}\n{found}"]
        return [len(queries), told]


def plan(sql, how=""):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {how} {sql.replace('%', '%%')}", [])
        return "\n".join(line for (line,) in cursor.fetchall())


def shape(sql):
    """The same for queries that differ in values only."""
    return re.sub(r"'[^']*'|\b\d+\b", "?", sql)[:3000]


@contextlib.contextmanager
def somebody():
    """(key, user) that may read everything."""
    name = f"bench-{secrets.token_hex(8)}"  # nobody's who is there
    key, text = api_keys.create(name, list(api_keys.SCOPES))
    user = get_user_model().objects.create_superuser(name)
    try:
        yield text, user
    finally:
        key.integration.delete()
        user.delete()


def main():
    times = int(sys.argv[1])
    settings.API_RATES = dict.fromkeys(settings.API_RATES, 0)  # nobody is asked to wait
    lines = [*desk.lines(times), *api.lines(times), *freeclimb.lines(times)]
    with somebody() as (key, user):
        asker = Asker(key, user)
        for line in (lines[0], next(line for line in lines if "API" in line.group)):
            asker.ask(*line.asked[0])  # loads what is loaded late
        serving.settle_memory()  # as the server's workers do
        answer([[line.group, line.name, len(line.asked)] for line in lines])
        for question in sys.stdin:
            index, what, turn = json.loads(question)
            asked = lines[index].asked[turn]
            answer(asker.timed(asked) if what == "ask" else asker.looked(asked))


def answer(said):
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
