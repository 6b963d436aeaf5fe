"""Knocking at the door as the providers do: signed posts, queries, forms."""

import hashlib
import hmac
import json
import time
from pathlib import Path

from django.test import Client

from webhooks.endpoints import create_endpoint, endpoint_path
from webhooks.models import Delivery

PAYLOADS = Path(__file__).resolve().parent.parent / "payloads"
ACCOUNT = "AC0123456789abcdefABCDEF0123456789abcdef00"
SECRET = "sigsec_0123456789abcdef0123456789abcdef01234567"
OTHER_SECRET = "sigsec_89abcdef0123456789abcdef0123456789abcdef"


def signature(body: bytes, secret: str = SECRET, t: int | None = None) -> str:
    t = int(time.time()) if t is None else t
    digest = hmac.new(secret.encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={t},v1={digest}"


def to_bytes(body) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()


def payload(provider: str, name: str, **changes) -> dict:
    return json.loads((PAYLOADS / provider / f"{name}.json").read_text()) | changes


class Door:
    """A mixin: an endpoint per provider, and how to post to it."""

    def setUp(self):
        super().setUp()
        self.client = Client()
        self.freeclimb, token = create_endpoint(
            provider="freeclimb", account="Main", provider_account_id=ACCOUNT, secrets=[SECRET]
        )
        self.freeclimb_path = endpoint_path(self.freeclimb, token)
        self.callerdesk, token = create_endpoint(provider="callerdesk", account="Desk")
        self.callerdesk_path = endpoint_path(self.callerdesk, token)

    def post_freeclimb(self, body, *, t=None, secret=SECRET, path=None, **headers):
        """Signed with `secret` at `t` (Unix seconds, default now), unless `secret` is None."""
        raw = to_bytes(body)
        if secret is not None:
            headers.setdefault("HTTP_FREECLIMB_SIGNATURE", signature(raw, secret, t))
        return self.client.post(
            path or self.freeclimb_path,
            raw,
            content_type="application/json",
            CONTENT_LENGTH=str(len(raw)),
            **headers,
        )

    def post_callerdesk(self, body, content_type="application/json", **headers):
        raw = to_bytes(body)
        return self.client.post(
            self.callerdesk_path,
            raw,
            content_type=content_type,
            CONTENT_LENGTH=str(len(raw)),
            **headers,
        )

    def get_callerdesk(self, fields=None, path=None):
        return self.client.get(path or self.callerdesk_path, fields or {})

    def delivery(self) -> Delivery:
        return Delivery.objects.get()


def call_event(request_type="callStatus", **changes) -> dict:
    """A FreeClimb webhook about one call, as its page shows it."""
    return {
        "requestType": request_type,
        "accountId": ACCOUNT,
        "callId": "CA0000000000000000000000000000000000000001",
        "from": "+13125550100",
        "to": "+13125550101",
        "callStatus": "completed" if request_type == "callStatus" else "inProgress",
        "direction": "inbound",
        "conferenceId": None,
        "queueId": None,
        "parentCallId": None,
    } | changes


def call_report(**changes) -> dict:
    """A CallerDesk Call Report of an answered incoming call."""
    return {
        "type": "call_report",
        "SourceNumber": "09000000001",
        "DestinationNumber": "01204000000",
        "DialWhomNumber": "09000000002",
        "CallDuration": "60",
        "coins": "1",
        "Status": "ANSWER",
        "StartTime": "2026-01-31 17:30:00",
        "EndTime": "2026-01-31 17:31:00",
        "CallSid": "1769860800.120",
        "CallRecordingUrl": "https://callrecords.callerdesk.io/incoming/01_2026/a.wav",
        "Direction": "IVR",
        "campid": "",
        "TalkDuration": "45",
        "call_group": "Sales",
        "receiver_name": "Asha",
        "error_code": "0",
        "LegA_Picked_time": "2026-01-31 17:30:02",
        "LegB_Start_time": "2026-01-31 17:30:05",
        "LegB_Picked_time": "2026-01-31 17:30:15",
    } | changes
