"""Every main page: nothing amiss on the console, in reach of everybody, within a phone's width."""

import json
import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

# Pages of a row, reached by its link: where it stands, in what.
CALL = ("/admin/calls/call/", "tr.call a")
SUBSCRIPTION = ("/admin/webhooks/subscription/", "#result_list tbody a")
MESSAGE = ("/admin/webhooks/message/", "#result_list tbody th a")
PAGES = {
    "home": "/admin/",
    "calls": "/admin/calls/call/",
    "call": CALL,
    "live": "/admin/live/",
    "missed": "/admin/calls/missedcustomer/",
    "conferences": "/admin/calls/conference/",
    "recordings": "/admin/calls/recording/",
    "sources": "/admin/sources/",
    "service_numbers": "/admin/calls/servicenumber/",
    "agents": "/admin/calls/agent/",
    "inbox": "/admin/webhooks/delivery/",
    "needs_attention": "/admin/needs-attention/",
    "endpoints": "/admin/webhooks/endpoint/",
    "new_endpoint": "/admin/webhooks/endpoint/add/",
    "call_scripts": "/admin/webhooks/callscript/add/",
    "subscriptions": "/admin/webhooks/subscription/",
    "new_subscription": "/admin/webhooks/subscription/add/",
    "subscription": SUBSCRIPTION,
    "messages": "/admin/webhooks/message/",
    "message": MESSAGE,
    "users": "/admin/auth/user/",
    "jobs": "/admin/calltrack/job/",
    "audit": "/admin/calltrack/auditentry/",
    "profile": "/admin/profile/",
}


def go(page, name):
    if isinstance(PAGES[name], str):
        page.goto(PAGES[name])
        return
    address, row = PAGES[name]
    page.goto(address)
    page.locator(row).first.click()
    page.wait_for_url(re.compile("/change/"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_and_keep_to_the_policy(desk, width, scheme):
    pictures = os.environ.get("SCREENSHOTS")
    too_wide = {}
    with desk.page(width=width, scheme=scheme) as page:
        for name in PAGES:
            go(page, name)
            if pictures:
                page.screenshot(path=Path(pictures) / f"{name}-{width}-{scheme}.png")
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if over > 0:
                too_wide[name] = over
    assert not too_wide, "pixels wider than the screen"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_pages_are_accessible(desk, width, scheme):
    faults = {}
    with desk.page(width=width, scheme=scheme, examined=True) as page:
        for name in PAGES:
            go(page, name)
            found = [
                f"{one['id']}: {one['nodes'][0]['html'][:200]}"
                for one in Axe().run(page).response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            if found:
                faults[name] = found
    assert not faults, json.dumps(faults, indent=1)


def test_a_viewer_finds_no_full_number_in_any_source(desk):
    columns = "from_number", "to_number", "customer_number", "service_number", "agent_number"
    script = f"""
from calls.models import Call
for row in Call.objects.values_list(*{columns!r}):
    print(*[number for number in row if number])
"""
    numbers = set(desk.manage("shell", "--verbosity", 0, "--command", script).split())
    assert len(numbers) > 50
    found = {}
    with desk.page("viewer") as page:
        offered = page.get_by_role("navigation", name="Desk").get_by_role("link")
        addresses = [link.get_attribute("href") for link in offered.all()]
        assert len(addresses) > 10
        page.goto("/admin/calls/call/")
        for row in page.locator("tr.call a").all()[:5]:
            addresses.append(row.get_attribute("href"))
        for address in addresses:
            page.goto(address)
            source = page.content()
            if shown := {one for one in numbers if one.lstrip("+") in source}:
                found[address] = shown
            if address.startswith("/admin/calls/call/"):
                assert "••••••" in source
    assert not found
