"""Does the simulator see what the API shows, and does the API show what happened?"""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.db import connection, models

from calls import api_keys
from calls.models import (
    Account,
    Agent,
    ApiKey,
    Call,
    CallChange,
    CallDisposition,
    CallNote,
    CallTag,
    Conference,
    Leg,
    MissedCustomer,
    Participant,
    Recording,
    ServiceNumber,
    Tally,
)
from tests.server import database_url_of, running_server
from tests.webhooks.test_simulate_sending import simulate
from webhooks.endpoints import create_endpoint
from webhooks.models import Delivery, Endpoint, Secret, State
from webhooks.simulator import verify as verifying
from webhooks.simulator.api import Api
from webhooks.simulator.oddities import hand_in_oddities
from webhooks.simulator.run import Options, Run
from webhooks.simulator.staff import write_as_staff_would

KINDS = {
    "call": Call,
    "leg": Leg,
    "conference": Conference,
    "participant": Participant,
    "recording": Recording,
}
# What no provider tells and no truth knows: our own book-keeping.
NOT_COMPARED = {
    "customer_digits",
    "id",
    "strength",
    "revision",
    "created_at",
    "updated_at",
    "claims",
}
# Spoilt, the row is not found as what it is, or hangs on something else.
IDENTITY = {
    "call": {"provider_call_id", "account"},
    "leg": {"side", "call", "connected_call"},
    "conference": {"provider_conference_id", "account"},
    "participant": {"conference", "call"},
    "recording": {"provider_recording_id", "account", "call", "conference"},
}


def played(url, **options):
    """A run whose lives are in the database, handed in there: quick."""
    run = Run(Options(url=url, days=1, seed="spoilt", **options))
    run.prepare()
    run.play(lambda lives: None)
    return run


def score_of(run, key, look_into=0):
    accounts = {p: str(endpoint.account_id) for p, endpoint in run.endpoints.items()}
    api = Api(run.url, key)
    try:
        return verifying.verify(api, run.truth, accounts, look_into=look_into)
    finally:
        api.close()


def other_value(row, column):
    """A value of the column's type that is not the one it has."""
    value = getattr(row, column.attname)
    if isinstance(column, models.BooleanField):
        return not value
    if isinstance(column, models.DateTimeField):
        return (value or datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(seconds=1)
    if isinstance(column, models.IntegerField):
        return (value or 0) + 1
    if isinstance(column, models.JSONField):
        return ["spoilt"]
    if isinstance(column, models.ForeignKey):
        return column.related_model.objects.exclude(id=value).first().pk
    return "spoilt"[: column.max_length]


def a_row(model, column):
    """One that has a value there, if any has."""
    rows = list(model.objects.order_by("id"))
    return next((r for r in rows if getattr(r, column.attname) not in (None, "", [])), rows[0])


def spoil(kind, column):
    """Give one row another value there; returns how to undo it."""
    model = KINDS[kind]
    row = a_row(model, column)
    before = getattr(row, column.attname)
    rows = model.objects.filter(pk=row.pk)
    rows.update(**{column.attname: other_value(row, column)})
    return lambda: rows.update(**{column.attname: before})


def compared():
    return [
        (kind, column)
        for kind, model in KINDS.items()
        for column in model._meta.concrete_fields
        if column.name not in NOT_COMPARED
    ]


@pytest.mark.django_db(transaction=True)
def test_each_kind_of_field_that_is_spoilt_lowers_the_score(live_server):
    run = played(live_server.url, calls=30, duplicates=0.2, reorder=True)
    _, key = api_keys.create("spoilt")
    whole = score_of(run, key, look_into=30)
    assert (whole.percent, whole.differences) == (100.0, [])
    assert whole.calls == Call.objects.count() == len(run.truth.calls)

    values = [(kind, column) for kind, column in compared() if column.name not in IDENTITY[kind]]
    undo = [spoil(kind, column) for kind, column in values]
    score = score_of(run, key)
    assert score.wrong == {f"{kind}.{column.name}": 1 for kind, column in values}
    assert score.fields - score.right == len(values) == len(score.differences)
    assert score.percent < 100
    for restore in undo:
        restore()

    for kind, column in compared():
        if column.name in IDENTITY[kind]:
            restore = spoil(kind, column)
            score = score_of(run, key)
            assert score.wrong[f"{kind} missing"] or score.wrong[f"{kind}.{column.name}"], column
            assert score.percent < 100
            restore()
    assert score_of(run, key).percent == 100


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_a_row_too_few_or_too_many_lowers_the_score(live_server, kind):
    model = KINDS[kind]
    run = played(live_server.url, calls=30)
    _, key = api_keys.create("spoilt")
    row = model.objects.order_by("id").first()
    if kind == "call":
        row = Call.objects.filter(parent__isnull=False).order_by("id").first()
    was = row.pk
    row.pk = uuid4()
    names = {
        "call": "provider_call_id",
        "conference": "provider_conference_id",
        "recording": "provider_recording_id",
    }
    if kind in names:
        setattr(row, names[kind], "invented")
    elif kind == "leg":
        row.connected_call = Call.objects.exclude(id=row.connected_call_id).first()
    else:
        row.call = Call.objects.exclude(participations__conference=row.conference_id).first()
    row.save(force_insert=True)
    if kind != "conference":  # one that nobody was in hangs on nothing of ours
        assert score_of(run, key).wrong[f"{kind} unexpected"] == 1
    model.objects.filter(pk=row.pk).delete()
    model.objects.filter(pk=was).delete()
    assert any(name.startswith(f"{kind} missing") for name in score_of(run, key).wrong)


@pytest.mark.django_db(transaction=True)
def test_a_calls_own_page_is_looked_into(live_server):
    run = played(live_server.url, calls=30)
    _, key = api_keys.create("pages")
    api = Api(run.url, key)
    get = api.get

    def spoil(path, **parameters):
        page = get(path, **parameters)
        return page if parameters else page | {"legs": [], "children": [], "recordings": []}

    api.get = spoil
    score = verifying.verify(api, run.truth, dict.fromkeys(run.endpoints))
    api.close()
    assert set(score.wrong) == {"page.legs", "page.children", "page.recordings"}


@pytest.mark.django_db(transaction=True)
def test_a_real_server_shows_what_happened(tmp_path):
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
        url = f"--url={server.url}"
        said = simulate("--calls=60", "--duplicates=0.2", "--reorder", "--verify", url)
        assert re.search(r"^score: 100\.00 % \(([\d,]+) of \1 fields, \d+ calls\)$", said, re.M)
        assert not ApiKey.objects.exists()  # the one it read with is gone
        assert not Delivery.objects.exclude(state=State.PROCESSED).exists()
        assert not Delivery.objects.exclude(reason="").exists()

        said = simulate("--calls=40", "--drop=0.3", "--verify", url)
        assert "score: 100" not in said
        assert re.search(r"\(freeclimb, .*\) is missing|: ended_at is unknown, not 20", said)


@pytest.mark.django_db(transaction=True)
def test_given_endpoints_are_verified_too(tmp_path):
    paths = []
    secret = "sigsec_" + "1" * 40
    with running_server(tmp_path, database_url=database_url_of(connection)) as server:
        for provider, secrets in (("freeclimb", [secret]), ("callerdesk", [])):
            _, token = create_endpoint(
                provider=provider,
                account="Mine",
                provider_account_id=f"{provider} calls it so",
                secrets=secrets,
            )
            paths.append(f"--endpoint={server.url}/webhooks/{provider}/{token}")
        _, key = api_keys.create("mine")
        said = simulate(*paths, f"--api-key={key}", "--calls=10", "--verify")
    assert "score: 100.00 %" in said
    assert {account.name for account in Account.objects.all()} >= {"Mine"}
    assert not Account.objects.filter(name__startswith="Simulator").exists()
    assert ApiKey.objects.filter(integration__name="mine").exists()


@pytest.mark.django_db(transaction=True)
def test_past_days_are_handed_in_with_their_own_times():
    simulate("--calls=60", "--days=3", "--seed=past")
    now = datetime.now(UTC)
    for received_at in Delivery.objects.values_list("received_at", flat=True):
        assert timedelta(0) < now - received_at < timedelta(days=4)
    first = Call.objects.earliest("begun_at")
    assert now - first.begun_at > timedelta(days=1)
    assert (first.created_at - first.begun_at).total_seconds() < 3600


@pytest.mark.django_db(transaction=True)
def test_the_demo_has_deliveries_to_attend_to():
    simulate("--calls=60", "--days=3", "--seed=odd")
    fine = Delivery.objects.count()
    made = hand_in_oddities()
    assert Delivery.objects.count() == fine + made
    odd = Delivery.objects.exclude(reason="")
    assert odd.filter(state="failed").exists()
    for word in ("callTransferred", "onHold", "CALLBACK"):
        assert odd.filter(reason__contains=word).exists(), word
    assert Call.objects.exclude(flags=[]).exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_twice_is_refused():
    simulate("--calls=4", "--days=1", "--seed=once")
    with pytest.raises(CommandError, match="--seed once was played here before"):
        simulate("--calls=4", "--days=1", "--seed=once")


@pytest.mark.django_db(transaction=True)
def test_own_endpoints_are_used_again_and_removed_with_all_that_hangs_on_them():
    mine, _ = create_endpoint(provider="freeclimb", account="Main", secrets=["sigsec_" + "1" * 40])
    simulate("--calls=50", "--days=1", "--seed=1")
    simulate("--calls=10", "--days=1", "--seed=2")
    assert Endpoint.objects.count() == 3
    get_user_model().objects.create_superuser("admin")
    write_as_staff_would()
    written = [CallNote, CallTag, CallDisposition, CallChange, Tally, ServiceNumber, Agent]
    for model in written:
        assert model.objects.exists(), model
    assert ServiceNumber.objects.exclude(source="").exists()
    said = simulate("--remove")
    assert re.match(r"Removed .*\d+ calls.*\d+ deliveries.*2 endpoints, 2 accounts\.$", said)
    assert list(Endpoint.objects.all()) == [mine]
    assert list(Account.objects.all()) == [mine.account]
    assert Secret.objects.count() == 2  # its token and its signing secret
    for model in (*KINDS.values(), Delivery, *written, MissedCustomer):
        assert not model.objects.exists()
    assert simulate("--remove") == "There is nothing to remove.\n"
