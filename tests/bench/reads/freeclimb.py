"""The lines of the FreeClimb-shaped API: its lists of one account, each with FreeClimb's filters.
Objects are left out: filled rows have keys of their own, by which FreeClimb's ids find nothing."""

import random
from datetime import timedelta
from functools import cache

from calls.choices import Provider
from calls.models import Account, Call, Conference, Recording

from .values import Line, calls, take

STAMP = "%Y-%m-%d %H:%M:%S"


def lines(times):
    random.seed(1)
    for name, asked in (*whole(times), *of_calls(times), *of_others(times)):
        yield Line("FreeClimb-shaped API", name, asked)


@cache
def accounts():
    """Key → address."""
    some = Account.objects.filter(provider=Provider.FREECLIMB).order_by("name")
    return {one.pk: f"/apiserver/Accounts/{one.provider_account_id}" for one in some}


def whole(times):
    every = take(accounts().values(), times)
    for name in ("Calls", "Recordings", "Conferences"):
        yield name, [(f"{one}/{name}", {}) for one in every]
    yield "Calls by active", [(f"{one}/Calls", {"active": "true"}) for one in every]
    for status in ("completed", "busy", "failed"):
        yield f"Calls by status {status}", [(f"{one}/Calls", {"status": status}) for one in every]


def of_calls(times):
    """Each account is asked for what it has."""
    theirs = [call for call in calls(times * 4 + 40) if call.account_id in accounts()]
    theirs = take(theirs, times)
    day = timedelta(days=1)
    for name, given in {
        "Calls by from": lambda call: {"from": call.from_number},
        "Calls by to": lambda call: {"to": call.to_number},
        "Calls by startTime": lambda call: _period(call.begun_at),
        "Calls by endTime": lambda call: {"endTime": call.begun_at.strftime(STAMP)},
        "Calls of a day": lambda call: _period(call.begun_at, call.begun_at + day),
        "busy ones of a day": lambda call: (
            _period(call.begun_at, call.begun_at + day) | {"status": "busy"}
        ),
        "1,000 calls": lambda call: _period(call.begun_at, _after(call, 1_000)),
        "busy ones of 1,000 calls": lambda call: (
            _period(call.begun_at, _after(call, 1_000)) | {"status": "busy"}
        ),
    }.items():
        yield name, [(f"{accounts()[call.account_id]}/Calls", given(call)) for call in theirs]


def _period(start, end=None):
    given = {"startTime": start.strftime(STAMP)}
    return given | {"endTime": end.strftime(STAMP)} if end else given


def _after(call, count):
    """When so many more calls of its account had begun, or the last of all."""
    later = Call.objects.filter(account=call.account_id, begun_at__gt=call.begun_at)
    moments = later.order_by("begun_at").values_list("begun_at", flat=True)[:count]
    return list(moments)[-1] if moments else call.begun_at


def of_others(times):
    for name, model in (("Recordings", Recording), ("Conferences", Conference)):
        rows = model.objects.filter(account__in=accounts()).order_by("-created_at", "-pk")
        of_days = take(rows.values_list("account", "created_at")[: times * 40 : 40], times)
        asked = [(f"{accounts()[key]}/{name}", f"{at:%Y-%m-%d}") for key, at in of_days]
        yield f"{name} by dateCreated", [(address, {"dateCreated": day}) for address, day in asked]
    every = take(accounts().values(), times)
    yield "Conferences by alias", [(f"{one}/Conferences", {"alias": "nobody's"}) for one in every]
