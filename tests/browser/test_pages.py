"""Every main page: nothing amiss on the console, in reach of everybody, within a phone's width."""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

CALL = "the newest call"
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
    "users": "/admin/auth/user/",
    "jobs": "/admin/calltrack/job/",
    "audit": "/admin/calltrack/auditentry/",
    "profile": "/admin/profile/",
}
SEEN_BY_A_VIEWER = [
    name for name in PAGES if name not in ("new_endpoint", "call_scripts", "users", "audit")
]


def go(page, name):
    page.goto("/admin/calls/call/" if PAGES[name] == CALL else PAGES[name])
    if PAGES[name] == CALL:
        page.locator("tr.call a").first.click()
        page.wait_for_url(re.compile("/change/"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_accessible_and_fit(desk, width, scheme):
    faults = {}
    pictures = os.environ.get("SCREENSHOTS")
    with desk.page(width=width, scheme=scheme) as page:
        for name in PAGES:
            go(page, name)
            if pictures:
                page.screenshot(path=Path(pictures) / f"{name}-{width}-{scheme}.png")
            found = [
                f"{one['id']}: {one['nodes'][0]['html'][:200]}"
                for one in Axe().run(page).response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 0:
                found.append(f"{wide} px wider than the screen")
            if found:
                faults[name] = found
    assert faults == {}


def test_a_viewer_finds_no_full_number_in_any_source(desk):
    columns = "from_number", "to_number", "customer_number", "service_number", "agent_number"
    script = f"""
from calls.models import Call
for row in Call.objects.values_list(*{columns!r}):
    print(*[number for number in row if number])
"""
    numbers = set(desk.manage("shell", "--verbosity", 0, "--command", script).split())
    assert len(numbers) > 50
    seen = {}
    with desk.page("viewer") as page:
        for name in SEEN_BY_A_VIEWER:
            go(page, name)
            assert "/login/" not in page.url
            source = page.content()
            shown = {one for one in numbers if one.lstrip("+") in source}
            if shown:
                seen[name] = shown
        go(page, "calls")
        assert "••••••" in page.content()
    assert seen == {}
