"""The signature: https://docs.freeclimb.com/docs/verifying-request-signatures."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .freeclimb import reader

OLD = "sigsec_00112233445566778899aabbccddeeff00112233"
NEW = "sigsec_ffeeddccbbaa99887766554433221100ffeeddcc"
BODY = b'{"callId":"CA1","requestType":"callStatus"}'
T = 1_772_000_000
# Computed once, apart from this code: printf '%s.%s' T BODY | openssl dgst -sha256 -hmac OLD
FIXED = "b306022bcc931a83468e8d41fe14846480b1ee36bccb56d0a58afb05a225bcd8"
VECTORS = Path(__file__).resolve().parents[3] / "shared/providers/data"


def digest(secret=OLD, t=T, body=BODY):
    return hmac.new(secret.encode(), f"{t}.".encode() + body, sha256).hexdigest()


def verify(header, body=BODY, secrets=(OLD,), now=T):
    return reader.verify(header, body, secrets, now)


def test_a_fixed_vector_is_accepted_and_tells_when_it_was_signed():
    assert verify(f"t={T},v1={FIXED}") == datetime.fromtimestamp(T, UTC)


def test_another_body_secret_or_time_is_refused():
    header = f"t={T},v1={digest()}"
    assert verify(header, body=BODY + b" ") is None
    assert verify(header, secrets=[NEW]) is None
    assert verify(f"t={T + 1},v1={digest()}") is None


def test_both_secrets_count_while_they_are_exchanged():
    both = f"t={T},v1={digest(NEW)},v1={digest(OLD)}"
    assert verify(both, secrets=[OLD])
    assert verify(both, secrets=[NEW])
    assert verify(f"t={T},v1={digest(OLD)}", secrets=[NEW, OLD])


@pytest.mark.parametrize(("age", "accepted"), [(300, True), (-300, True), (301, False)])
def test_five_minutes_are_tolerated_in_both_directions(age, accepted):
    assert (verify(f"t={T},v1={digest()}", now=T + age) is not None) is accepted
    assert (verify(f"t={T},v1={digest()}", now=T - age) is not None) is accepted


@pytest.mark.parametrize(
    "header",
    [
        "v1={v1},t={t}",
        "t={t},v1={v1},",
        ",,t={t},,v1={v1}",
        " t = {t} , v1 = {v1} ",
        "t={t},v1={v1},v2=abc==,x",
        "t={t},v1=abc,v1={v1}",
    ],
)
def test_order_spaces_empty_items_and_unknown_keys_do_not_matter(header):
    assert verify(header.format(t=T, v1=digest()))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t={t}",
        "v1={v1}",
        "t={t},t={t},v1={v1}",
        "t={t},v2={v1}",
        "t=,v1={v1}",
        "t=-1,v1={v1}",
        "t={t}.0,v1={v1}",
        "T={t},v1={v1}",
        "t={t},v1={v1}0",
        "t={t},v1=",
    ],
)
def test_a_header_that_is_not_whole_is_refused(header):
    assert verify(header and header.format(t=T, v1=digest())) is None


def test_an_empty_body_is_refused_however_well_it_is_signed():
    assert verify(f"t={T},v1={digest(body=b'')}", body=b"") is None


def test_no_secret_and_an_empty_secret_let_nobody_in():
    assert verify(f"t={T},v1={digest()}", secrets=[]) is None
    assert verify(f"t={T},v1={digest('')}", secrets=["", OLD]) is None


@pytest.mark.parametrize("t", ["9" * 5000, "9" * 20, "١٧٧٢٠٠٠٠٠٠", "²", "1e9", "0x10", "inf"])
def test_a_time_that_is_none_is_refused_even_if_it_is_signed(t):
    assert verify(f"t={t},v1={digest(t=t)}") is None


def test_a_clock_beyond_all_calendars_refuses():
    t = 10**19
    assert verify(f"t={t},v1={digest(t=t)}", now=t) is None


def test_every_pair_of_secret_and_digest_is_compared(monkeypatch):
    pairs = []

    def compare(left, right):
        pairs.append((left, right))
        return left == right

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert verify(f"t={T},v1={digest(OLD)},v1={digest(NEW)}", secrets=[OLD, NEW])
    assert len(pairs) == 4


@given(st.text(), st.binary())
def test_nothing_in_a_header_is_fatal(header, body):
    assert verify(header, body) is None
    assert verify(f"t={T},v1={header}", body) is None


def test_the_vectors_of_the_reference_decide_as_written():
    path = VECTORS / "freeclimb-signature-vectors.json"
    if not path.exists():
        pytest.skip("the reference's signature vectors are not beside this repository")
    vectors = json.loads(path.read_text())["vectors"]
    assert len(vectors) == 21
    for vector in vectors:
        signed_at = verify(
            vector["header"], vector["body"].encode(), vector["secrets"], vector["now"]
        )
        assert (signed_at is not None) is (vector["expect"] == "accept"), vector["name"]
