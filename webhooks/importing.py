"""Files become deliveries: the provider's own records, and webhook bodies kept elsewhere."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from calls.choices import Provider

from .deliveries import build
from .models import Delivery, Endpoint
from .providers.values import storable

REST_CALL = "rest:call"
YEARS = range(1971, 2100)  # others are slips, and some databases and zones end there
_KEYS = {"received_at", "body", "signed_at", "method", "query", "content_type"}


class Unusable(ValueError):
    """The file is none that we read; the text says where and why."""


def deliveries_from(raw: bytes, endpoint: Endpoint) -> Iterator[Delivery]:
    """Unsaved deliveries. Raises Unusable before or while they are read."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(f"the file is not UTF-8: {error}") from error
    if not text.strip():
        raise Unusable("the file is empty")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    records = _records(whole)
    if records is None:
        yield from _webhooks(text, endpoint)
        return
    if endpoint.provider != Provider.FREECLIMB:
        raise Unusable("Call resources are FreeClimb's; this endpoint is another provider's")
    for place, record in enumerate(records, start=1):
        if not isinstance(record, dict) or not record.get("callId"):
            raise Unusable(f"record {place} is no Call resource: it has no callId")
        body = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
        yield build(
            endpoint,
            method="REST",
            body=body,
            content_type="application/json",
            kind=REST_CALL,
        )


def taken_in(deliveries: Sequence[Delivery]) -> set[UUID]:
    """Ids of those that are stored; the provider's own records also if that was on another day,
    since the day on which we read them says nothing."""
    stored = Delivery.objects.filter(id__in=[delivery.id for delivery in deliveries])
    records = [delivery for delivery in deliveries if delivery.kind == REST_CALL]
    about = Delivery.objects.filter(subject__in={one.subject for one in records}, kind=REST_CALL)
    bodies = {(key, bytes(body)) for key, body in about.values_list("endpoint_id", "body")}
    return {
        *stored.values_list("id", flat=True),
        *(one.id for one in records if (one.endpoint_id, one.body) in bodies),
    }


def _records(whole: Any) -> list | None:
    """The Call resources of a file that holds some; None for anything else."""
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict) and isinstance(whole.get("calls"), list):
        return whole["calls"]
    if isinstance(whole, dict) and "callId" in whole and "requestType" not in whole:
        return [whole]
    return None


def _webhooks(text: str, endpoint: Endpoint) -> Iterator[Delivery]:
    for place, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _webhook(line, place, endpoint)


def _webhook(line: str, place: int, endpoint: Endpoint) -> Delivery:
    try:
        said = json.loads(line, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"line {place} is no JSON: {error}") from error
    if not isinstance(said, dict) or "received_at" not in said or "body" not in said:
        raise Unusable(f'line {place} must be an object with "received_at" and "body"')
    if unknown := said.keys() - _KEYS:
        raise Unusable(f"line {place} has unknown keys: {', '.join(sorted(unknown))}")
    method = said.get("method") or "POST"
    if not isinstance(method, str) or not re.fullmatch("[A-Za-z]{1,8}", method):
        raise Unusable(f"line {place}: method is none, like GET or POST")
    query = said.get("query") or ""
    if not isinstance(query, str) or storable(query) != query:
        raise Unusable(f"line {place}: query is no text, or holds a NUL or half a character")
    body = said["body"]
    if not isinstance(body, str):
        body = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return build(
        endpoint,
        method=method.upper(),
        body=body.encode("utf-8", "surrogatepass"),
        query=query,
        content_type=str(said.get("content_type") or "application/json"),
        received_at=_moment(said, "received_at", place),
        signed_at=_moment(said, "signed_at", place) if said.get("signed_at") else None,
    )


def _moment(said: dict, name: str, place: int) -> datetime:
    try:
        moment = parse_datetime(str(said[name]))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unusable(f"line {place}: {name} is no time with a zone, like 2026-01-31T12:00:00Z")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise Unusable(f"line {place}: {name} is not between {YEARS[0]} and {YEARS[-1]}")
    return moment
