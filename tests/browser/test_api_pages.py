"""Answers of the API as pages, and the pages of integrations: under our CSP, for people."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_list_and_a_problem_are_shown_and_fit(desk, width, scheme):
    with desk.page(width=width, scheme=scheme) as page:
        page.goto("/api/v1/calls/?page_size=2")
        expect(page.get_by_text('"results"')).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto("/api/docs/problems")
        expect(page.get_by_text("Too many requests")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_somebody_writes_through_the_page_with_their_session(desk):
    with desk.page() as page:
        page.goto("/api/v1/calls/?page_size=1")
        found = re.search(r'"id": "([0-9a-f-]{36})"', page.locator("main").inner_text())
        page.goto(f"/api/v1/calls/{found[1]}/notes/")
        page.get_by_label("Write").fill('{"text": "Written on the page."}')
        page.get_by_role("button", name="POST").click()
        expect(page.get_by_text("HTTP 201")).to_be_visible()


def test_a_key_is_made_and_copied(desk):
    with desk.page(width=390) as page:
        page.goto("/admin/calls/integration/add/")
        page.get_by_label("Name").fill("Pager")
        page.get_by_role("button", name="Create, and show its key").click()
        expect(page.get_by_label("API key")).to_have_value(re.compile(r"ct_[a-z0-9]{8}_\w{48}"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("link", name="I have it").click()
        expect(page.get_by_role("heading", name="Pager")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="New key").click()
        page.get_by_role("link", name="I have it").click()
        expect(page.get_by_text("Two keys are live")).to_be_visible()
