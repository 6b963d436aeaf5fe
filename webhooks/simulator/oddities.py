"""Deliveries with which something is wrong, so that there is something to attend to."""

import json
import random
import re
from collections.abc import Iterator
from datetime import timedelta

from calls.choices import Provider
from webhooks import inbox
from webhooks.deliveries import build
from webhooks.models import Delivery

from .accounts import ACCOUNT_IDS

AMONG = 120  # reports that they are made from
LATER = timedelta(seconds=2)


def hand_in_oddities() -> int:
    """Make them from what came; returns how many there are now."""
    made = [*_of_freeclimb(), *_of_callerdesk()]
    inbox.store(made)
    return len(made)


def _reports(provider: str, kind: str) -> list[Delivery]:
    found = Delivery.objects.filter(
        endpoint__account__provider=provider,
        endpoint__account__provider_account_id=ACCOUNT_IDS[provider],
        kind=kind,
    ).select_related("endpoint__account")
    reports = list(found.order_by("-received_at", "-id")[:AMONG])
    random.Random("oddities").shuffle(reports)
    return reports


def _of_freeclimb() -> Iterator[Delivery]:
    reports = _reports(Provider.FREECLIMB, "callStatus")
    says = [json.loads(bytes(report.body)) for report in reports]
    for place, (report, said) in enumerate(zip(reports, says, strict=True)):
        if place < 4:  # another number for the same call: it looks wrong
            yield _after(report, json.dumps(said | {"from": f"+1312555{9900 + place}"}))
        elif place < 9:
            yield _after(report, json.dumps(said | {"requestType": "callTransferred"}))
        elif place < 12:
            yield _after(report, json.dumps(said | {"callStatus": "onHold"}))
        elif place < 14:
            yield _after(report, json.dumps(said | {"accountId": f"AC{place:040x}"}))
        elif place < 15:
            yield _after(report, '{"requestType": "callStatus", "callId": "CA')


def _of_callerdesk() -> Iterator[Delivery]:
    for report in _reports(Provider.CALLERDESK, "call_report")[:12]:
        said = report.query or bytes(report.body).decode()
        odd = re.sub("NOANSWER|ANSWER|BUSY", "CALLBACK", said)
        if odd == said:
            continue
        query, body = (odd, "") if report.query else ("", odd)
        yield _after(report, body, query=query)


def _after(report: Delivery, body: str, query: str = "") -> Delivery:
    return build(
        report.endpoint,
        method=report.method,
        body=body.encode(),
        query=query,
        content_type=report.content_type,
        headers=report.headers,
        signed_at=report.signed_at,
        received_at=report.received_at + LATER,
    )
