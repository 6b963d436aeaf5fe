"""Every event arrives, in order per call, whatever gets killed. `tests/bench/outgoing.py` is the
large form of it."""

import pytest
from django.db import connection

from tests.server import database_url_of

from . import trial


@pytest.mark.django_db(transaction=True)
def test_every_event_arrives_in_order_though_workers_and_the_target_are_killed(tmp_path):
    outcome = trial.run(
        tmp_path,
        database_url_of(connection),
        calls=75,
        kills=3,
        target_kills=1,
        fail=0.15,
        seconds=120,
    )
    assert (outcome.missing, outcome.disordered, outcome.unexpected) == (0, 0, 0), outcome
    assert (outcome.events, outcome.arrived, outcome.given_up) == (300, 300, 0), outcome
    assert (outcome.kills, outcome.target_kills) == (3, 1)
