"""Signatures, as the published library of Standard Webhooks sees them."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from webhooks.outgoing.signing import key_of, new_secret, signed

BODY = '{"type":"call.started","data":{"name":"Zoë"}}'.encode()


def verify(secret, headers, body=BODY):
    return Webhook(secret).verify(body, headers)


def test_the_library_verifies_what_we_sign():
    secret = new_secret()
    assert verify(secret, signed("m1", datetime.now(UTC), BODY, [secret])) == json.loads(BODY)


def test_while_a_secret_is_replaced_both_verify():
    new, former = new_secret(), new_secret()
    headers = signed("m1", datetime.now(UTC), BODY, [new, former])
    assert verify(new, headers) == verify(former, headers) == json.loads(BODY)
    assert new != former


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body", "secret"])
def test_nothing_can_be_changed_unnoticed(changed):
    secret, now = new_secret(), datetime.now(UTC)
    headers = signed("m1", now, BODY, [secret])
    other = {
        "webhook-id": "m2",
        "webhook-timestamp": str(int((now - timedelta(seconds=9)).timestamp())),
    }
    if changed in other:
        headers |= {changed: other[changed]}
    with pytest.raises(WebhookVerificationError):
        verify(
            new_secret() if changed == "secret" else secret,
            headers,
            BODY + b" " if changed == "body" else BODY,
        )


def test_it_signs_as_the_library_does():
    secret, at = new_secret(), datetime.now(UTC)
    assert signed("m1", at, BODY, [secret])["webhook-signature"] == Webhook(secret).sign(
        "m1", at, BODY.decode()
    )


@pytest.mark.parametrize("size", [24, 64])
def test_secrets_of_others(size):
    key = bytes(range(size))
    assert key_of("whsec_" + base64.b64encode(key).decode()) == key


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        base64.b64encode(bytes(32)).decode(),
        "whsec_not base64 at all, is it now?",
        "whsec_" + "é" * 40,
    ],
)
def test_what_is_no_secret(secret):
    with pytest.raises(ValueError, match="^A secret is whsec_") as raised:
        key_of(secret)
    assert len(secret) < 10 or secret not in str(raised.value)
