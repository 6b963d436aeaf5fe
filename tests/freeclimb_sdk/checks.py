"""What FreeClimb's SDK is asked to do, and what comes of it. Each check is told by its name."""

import pytest
from freeclimb.exceptions import (
    ApiException,
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)
from freeclimb.models.call_status import CallStatus

from calls.choices import ConferenceStatus, Status
from calls.freeclimb_api.words import CONFERENCE_STATUSES, STATUSES
from calls.models import Call
from tests.freeclimb_sdk.client import READING, anything, other_methods, refused
from tests.freeclimb_sdk.world import APPLICATION, CALLER, NOBODY


def all_calls_are_met_once_over_pages(client):
    pages = client.pages(client.api.list_calls())
    mine = Call.objects.filter(account=client.world.account).order_by("-begun_at", "-id")
    expected = list(mine.values_list("provider_call_id", flat=True))
    assert [call.call_id for page in pages for call in page.calls] == expected
    assert [page.page for page in pages] == list(range(len(pages)))
    assert {page.total for page in pages} == {len(expected)}
    assert {page.num_pages for page in pages} == {len(pages)}
    assert {page.page_size for page in pages} == {100}
    assert pages[1].start == 100 and pages[1].end == 199
    assert pages[-1].end == len(expected) - 1
    with pytest.raises(ValueError):
        client.api.get_next_page(pages[-1])


def each_word_of_ours_is_taken(client):
    for row in client.world.statuses:
        shown = client.api.get_a_call(row.provider_call_id)
        assert (shown.status and shown.status.value) == STATUSES[row.status]
    for row in client.world.directions:
        client.api.get_a_call(row.provider_call_id)
    for row in client.world.conferences:
        shown = client.api.get_a_conference(row.provider_conference_id)
        assert (shown.status and shown.status.value) == CONFERENCE_STATUSES[row.status]


def a_call_is_told_whole(client):
    world = client.world
    shown = client.api.get_a_call(world.child.provider_call_id)
    assert shown.account_id == world.account.provider_account_id
    assert shown.parent_call_id == world.parent.provider_call_id
    assert (shown.var_from, shown.to) == (CALLER, "+13125550100")
    assert (shown.duration, shown.connect_duration) == (64, 60)
    assert shown.start_time == "Sun, 15 Mar 2026 12:00:01 GMT"
    assert shown.start_time_iso == world.child.started_at
    assert shown.answered_by.value == "human"
    assert shown.direction.value == "outboundDial"
    assert shown.revision == 1
    assert shown.application_id == APPLICATION
    assert shown.uri.endswith(f"/Calls/{shown.call_id}")
    assert shown.subresource_uris.logs == f"{shown.uri}/Logs"
    assert shown.subresource_uris.recordings == f"{shown.uri}/Recordings"


def what_nobody_said_is_none(client):
    shown = client.api.get_a_call(client.world.unsaid.provider_call_id)
    for name in ("status", "direction", "var_from", "to", "start_time", "start_time_iso"):
        assert getattr(shown, name) is None, name


def calls_are_filtered(client):
    world = client.world
    child, active = world.child.provider_call_id, world.active.provider_call_id
    busy = [row.provider_call_id for row in world.statuses if row.status == Status.BUSY]
    assert client.calls(var_from=CALLER) == [child]
    assert client.calls(to="+13125550999") == []
    assert client.calls(status=CallStatus.BUSY) == busy
    assert active in client.calls(active=True)
    assert child not in client.calls(active=True)
    assert client.calls(active=False) == client.calls()
    assert client.calls(parent_call_id=world.parent.provider_call_id) == [child]
    assert client.calls(application_id=[APPLICATION, "AP" + "a" * 40]) == [child]
    assert client.calls(start_time="2026-03-15 12:00:01") == [child]
    finished = world.finished.provider_call_id
    assert client.calls(end_time="2026-03-15 12:01:05") == [child, finished]
    assert client.calls(end_time="2026-03-15 12:01:04") == [finished]
    for nothing in ({"used_audio_stream": True}, {"web_rtc": True}, {"risk_score_min": 1}):
        assert client.calls(**nothing) == []
    assert client.calls(risk_score_max=99) == []


def a_filter_stays_in_force_over_pages(client):
    pages = client.pages(client.api.list_calls(to="+13125550100", status=CallStatus.COMPLETED))
    assert len(pages) > 2
    assert {call.status for page in pages for call in page.calls} == {CallStatus.COMPLETED}


def recordings_are_listed_and_shown(client):
    world = client.world
    call, room = world.child.provider_call_id, world.room.provider_conference_id
    of_call, of_room, nameless = world.recordings

    def ids(found):
        return {one.recording_id for one in found.recordings}

    both = {of_call.provider_recording_id, str(nameless.pk)}
    assert ids(client.api.list_recordings()) == both | {of_room.provider_recording_id}
    assert ids(client.api.list_recordings(call_id=call)) == both
    for found in (
        client.api.list_recordings(conference_id=room),
        client.api.list_conference_recordings(room),
    ):
        assert ids(found) == {of_room.provider_recording_id}
        assert found.recordings[0].duration_sec is None
        assert found.recordings[0].call_id is None
    assert ids(client.api.list_conference_recordings(room, call_id=call)) == set()
    assert ids(client.api.list_call_recordings(call)) == both
    assert ids(client.api.list_call_recordings(call, date_created="2001-01-01")) == set()
    day = of_call.created_at.strftime("%Y-%m-%d")
    period = {"start_time": f"{day} 00:00:00", "end_time": f"{day} 23:59:59"}
    assert ids(client.api.list_call_recordings(call, date_created=day, **period)) == both
    shown = client.api.get_a_recording(of_call.provider_recording_id)
    assert (shown.call_id, shown.conference_id, shown.duration_sec) == (call, None, 42)


def conferences_are_listed_and_shown(client):
    world = client.world
    assert len(client.api.list_conferences().conferences) == len(ConferenceStatus)
    ended = client.api.list_conferences(status="terminated").conferences
    assert {one.alias for one in ended} == {"terminated", "failed"}
    [found] = client.api.list_conferences(alias="populated", date_created="2026-03-14").conferences
    assert found.status.value == "populated"
    assert client.api.list_conferences(date_updated="2001-01-01").conferences == []
    shown = client.api.get_a_conference(world.room.provider_conference_id)
    assert shown.subresource_uris["participants"] == f"{shown.uri}/Participants"


def participants_are_listed_and_shown(client):
    world = client.world
    room = world.room.provider_conference_id
    calls = {world.parent.provider_call_id, world.child.provider_call_id}
    found = client.api.list_participants(room).participants
    assert {one.call_id for one in found} == calls
    assert client.api.list_participants(room, talk=True).participants == []
    one = client.api.get_a_participant(room, world.child.provider_call_id)
    assert (one.conference_id, one.talk) == (room, None)


def logs_are_told(client):
    world = client.world
    call = world.child.provider_call_id
    failed, processed = client.api.list_call_logs(call).logs
    assert (failed.level.value, processed.level.value) == ("error", "info")
    assert processed.call_id == call
    assert processed.metadata["requestBody"] == {"callId": call}
    # Whatever came as a body.
    assert len(client.api.list_call_logs(world.parent.provider_call_id).logs) == 5


def what_is_not_there_raises(client):
    api = client.api
    other = client.world.other.provider_call_id
    for code, asks in (
        (66, [api.get_a_call, api.list_call_recordings, api.list_call_logs]),
        (66, [api.get_a_conference, api.list_participants, api.list_conference_recordings]),
        (68, [api.get_a_recording]),
    ):
        for ask in asks:
            for name in (NOBODY, other, "\x00", "…", "' OR 1=1"):
                refused(NotFoundException, 404, code, lambda ask=ask, name=name: ask(name))
    refused(NotFoundException, 404, 66, lambda: api.get_a_participant(NOBODY, NOBODY))


def bad_values_raise(client):
    for filters in ({"start_time": "yesterday"}, {"end_time": "\x00"}, {"to": "1" * 300}):
        refused(BadRequestException, 400, 3, lambda f=filters: client.api.list_calls(**f))
    refused(BadRequestException, 400, 3, lambda: client.api.list_conferences(status="creating"))
    page = client.api.list_calls()
    page.next_page_uri += "0"
    refused(BadRequestException, 400, 3, lambda: client.api.get_next_page(page))


def wrong_credentials_raise(client):
    world = client.world
    name = world.account.provider_account_id
    for wrong in (client.login(name, "nobody"), client.login("AC" + "e" * 40, world.key)):
        error = refused(UnauthorizedException, 401, 50, wrong.list_calls)
        assert error.headers["WWW-Authenticate"].startswith("Basic ")
    other = world.other.account.provider_account_id
    elsewhere = client.login(name, world.key, account=other)
    refused(ForbiddenException, 403, 50, elsewhere.list_calls)
    reader = client.login(name, world.reader)
    refused(ForbiddenException, 403, 50, reader.list_recordings)
    hidden = reader.get_a_call(world.child.provider_call_id)
    assert hidden.var_from == "+1••••••0142"


def nothing_can_be_written(client):
    writing = [name for name in other_methods(client.api) if not name.startswith(READING)]
    assert "make_a_call" in writing
    for name in writing:
        error = refused(ApiException, 405, 2, lambda name=name: anything(client.api, name))
        assert error.headers["Allow"] == "GET, HEAD", name


def what_a_record_of_calls_has_not_is_not_found(client):
    reading = [name for name in other_methods(client.api) if name.startswith(READING)]
    assert "download_a_recording_file" in reading
    for name in reading:
        refused(NotFoundException, 404, 1, lambda name=name: anything(client.api, name))


def the_answer_comes_with_its_headers(client):
    answer = client.api.list_calls_with_http_info()
    assert answer.status_code == 200
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert headers["content-type"] == "application/json"


CHECKS = [
    all_calls_are_met_once_over_pages,
    each_word_of_ours_is_taken,
    a_call_is_told_whole,
    what_nobody_said_is_none,
    calls_are_filtered,
    a_filter_stays_in_force_over_pages,
    recordings_are_listed_and_shown,
    conferences_are_listed_and_shown,
    participants_are_listed_and_shown,
    logs_are_told,
    what_is_not_there_raises,
    bad_values_raise,
    wrong_credentials_raise,
    nothing_can_be_written,
    what_a_record_of_calls_has_not_is_not_found,
    the_answer_comes_with_its_headers,
]
