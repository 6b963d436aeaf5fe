"""The lines of the FreeClimb-shaped API: its lists of one account, each with FreeClimb's filters.
Objects are left out: filled rows have keys of their own, by which FreeClimb's ids find nothing."""

import random
from datetime import timedelta

from calls.choices import Provider
from calls.models import Account

from .values import Line, calls, take

STAMP = "%Y-%m-%d %H:%M:%S"


def lines(times):
    random.seed(1)
    accounts = Account.objects.filter(provider=Provider.FREECLIMB).order_by("name")
    addresses = {one.pk: f"/apiserver/Accounts/{one.provider_account_id}" for one in accounts}
    every = take(addresses.values(), times)
    for name in ("Calls", "Recordings", "Conferences"):
        yield Line("FreeClimb-shaped API", name, [(f"{one}/{name}", {}) for one in every])
    theirs = [call for call in calls(times * 4 + 40) if call.account_id in addresses][:times]
    begins = [call.begun_at for call in take(theirs, times)]
    for name, values in {
        "from": [call.from_number for call in theirs],
        "to": [call.to_number for call in theirs],
        "status": ["completed", "busy", "noAnswer", "canceled", "failed"],
        "active": ["true"],
        "startTime": [begin.strftime(STAMP) for begin in begins],
        "endTime": [begin.strftime(STAMP) for begin in begins],
    }.items():
        asked = zip(every, take(values, times), strict=True)
        yield Line(
            "FreeClimb-shaped API",
            f"Calls by {name}",
            [(f"{one}/Calls", {name: value}) for one, value in asked],
        )
    for name, given in {"Calls of a day": {}, "busy calls of a day": {"status": "busy"}}.items():
        asked = []
        for one, begin in zip(every, begins, strict=True):
            end = begin + timedelta(days=1)
            day = {"startTime": begin.strftime(STAMP), "endTime": end.strftime(STAMP)}
            asked.append((f"{one}/Calls", day | given))
        yield Line("FreeClimb-shaped API", name, asked)
