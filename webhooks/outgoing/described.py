"""How events are described in OpenAPI: as requests that we send."""

from .events import EVENTS

# Kind of the feed → the component that `data` has the shape of, as the API's lists have it.
_SHAPES = {
    "call": "FedCall",
    "conference": "Conference",
    "recording": "ListedRecording",
    "delivery": "Delivery",
}
_HEADERS = {
    "webhook-id": "The event's id, the same in each try: what came already may be passed over.",
    "webhook-timestamp": "When this try was made, in Unix seconds.",
    "webhook-signature": "`v1,` and HMAC-SHA256 in base64 of id, time and body, joined by dots; "
    "two of them, parted by a space, while the secret is replaced.",
}


def with_events(result, generator, request, public):
    """A postprocessing hook of drf-spectacular."""
    result["webhooks"] = {name: {"post": _operation(name)} for name in EVENTS}
    return result


def _operation(name: str) -> dict:
    event = EVENTS[name]
    return {
        "operationId": name.replace(".", "_"),
        "summary": event.sentence,
        "description": f"Signed and shaped by the Standard Webhooks convention. To subscribe to "
        f"it takes the scope `{event.scope}`.",
        "tags": ["subscriptions"],
        "parameters": [
            {
                "name": header,
                "in": "header",
                "required": True,
                "description": told,
                "schema": {"type": "string"},
            }
            for header, told in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _body(name, _SHAPES[event.kind])}},
        },
        "responses": {
            "2XX": {"description": "Taken: it is not sent again."},
            "410": {"description": "The target wants to hear no more: the subscription stops."},
            "default": {
                "description": "Not taken: it is tried again, ever more rarely, for three days."
            },
        },
    }


def _body(name: str, shape: str) -> dict:
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": name},
            "timestamp": {
                "type": "string",
                "format": "date-time",
                "description": "When we noticed it.",
            },
            "data": {"$ref": f"#/components/schemas/{shape}"},
        },
    }
