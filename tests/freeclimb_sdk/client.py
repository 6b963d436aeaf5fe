"""FreeClimb's SDK against a server of ours."""

import inspect
import json
from typing import get_args

import freeclimb
import pytest

COVERED = {
    *("list_calls", "get_a_call", "list_call_recordings", "list_call_logs"),
    *("list_recordings", "get_a_recording"),
    *("list_conferences", "get_a_conference", "list_conference_recordings"),
    *("list_participants", "get_a_participant", "get_next_page"),
}
READING = ("get_", "list_", "download_", "stream_")
VARIANTS = ("_with_http_info", "_without_preload_content")


class Client:
    def __init__(self, url, world):
        self.url, self.world = url, world
        self.api = self.login(world.account.provider_account_id, world.key)

    def login(self, name, password, account=None):
        configuration = freeclimb.Configuration(
            host=f"{self.url}/apiserver", username=name, password=password
        )
        return freeclimb.DefaultApi(freeclimb.ApiClient(configuration), account_id=account)

    def pages(self, first):
        pages = [first]
        while pages[-1].next_page_uri:
            pages.append(self.api.get_next_page(pages[-1]))
        return pages

    def calls(self, **filters):
        pages = self.pages(self.api.list_calls(**filters))
        return [call.call_id for page in pages for call in page.calls]


def refused(kind, status, code, ask):
    """The SDK raises this, and what it holds is FreeClimb's body."""
    with pytest.raises(kind) as caught:
        ask()
    error = caught.value
    assert type(error) is kind
    assert error.status == status
    body = json.loads(error.body)
    told = freeclimb.PlatformError.from_json(error.body)
    assert told.code == body["code"] == code
    assert told.call and told.url.endswith(f"#{code}")
    assert isinstance(told.details, dict)
    return error


def other_methods(api):
    """Those of the SDK that we do not cover; with a newer SDK its newer ones."""
    named = inspect.getmembers(type(api), inspect.isfunction)
    names = {name for name, _ in named if not name.startswith("_") and not name.endswith(VARIANTS)}
    assert names >= COVERED
    return sorted(names - COVERED)


def anything(api, name):
    """Call a method with something for each argument that it needs."""
    method = getattr(api, name)
    arguments = {}
    for parameter in inspect.signature(method).parameters.values():
        if parameter.default is inspect.Parameter.empty:
            kind = get_args(parameter.annotation)[0]
            arguments[parameter.name] = "x" if kind is str else kind.model_construct()
    return method(**arguments)
