"""Invented ones, for the description."""

from drf_spectacular.utils import OpenApiExample

_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="  # 0, 1, 2 …
_SHOWN = {
    "id": "5b0a3c1e-6a7d-4f0b-8e55-2d1c0f9a7e31",
    "name": "CRM",
    "url": "https://crm.example.com/hooks/calls",
    "events": ["call.finalized", "recording.ready"],
    "filter": "direction=inbound&missed=true",
    "full_numbers": False,
    "state": "active",
    "reason": None,
    "failures": 0,
    "failing_since": None,
    "last_success_at": "2026-03-14T12:03:22.104000Z",
    "rotating": False,
    "integration": "0d3f6a52-91f4-4c1b-b7f0-4f6d7b7b6a10",
    "created_at": "2026-03-01T09:00:00Z",
}
_GIVEN = {name: _SHOWN[name] for name in ("name", "url", "events", "filter", "full_numbers")}
NEW = OpenApiExample("A subscription", _GIVEN, request_only=True)
PAUSE = OpenApiExample("Pause it", {"state": "paused"}, request_only=True)
ONE = OpenApiExample("A subscription", _SHOWN, response_only=True)
MADE = OpenApiExample(
    "With its secret",
    _SHOWN | {"secret": _SECRET, "last_success_at": None},
    response_only=True,
    status_codes=["201"],
)
ROTATED = OpenApiExample("A new secret", {"secret": _SECRET}, response_only=True)
_MESSAGE = {
    "id": "b4f7f1a8-0c3a-5d52-9f0e-8a1f6c2d3e47",
    "event": "call.finalized",
    "subject": "7f2c61d0-3f0a-5e0f-9a43-0c9d3d6a1b52",
    "state": "queued",
    "attempts": 1,
    "due_at": "2026-03-14T12:03:52Z",
    "created_at": "2026-03-14T12:03:21.480000Z",
    "finished_at": None,
}
LISTED = OpenApiExample("A message", _MESSAGE, response_only=True)
TRIED = OpenApiExample(
    "A message that was tried once",
    _MESSAGE
    | {
        "body": {
            "type": "call.finalized",
            "timestamp": "2026-03-14T12:03:21.480000Z",
            "data": {"id": "7f2c61d0-3f0a-5e0f-9a43-0c9d3d6a1b52", "status": "completed"},
        },
        "tries": [
            {
                "at": "2026-03-14T12:03:22Z",
                "seconds": 0.31,
                "status": 503,
                "error": "It answered 503.",
                "answer": "Down for maintenance",
            }
        ],
    },
    response_only=True,
)
