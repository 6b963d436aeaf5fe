"""The API's own page: what Swagger UI makes of our description, under our CSP."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_shows_the_operations_and_fits(desk, width):
    with desk.page(width=width) as page:
        page.goto("/api/docs/")
        expect(page.get_by_role("heading", name="calltrack")).to_be_visible()
        page.locator("#operations-calls-calls_list .opblock-summary-control").click()
        shown = page.locator("#operations-calls-calls_list")
        expect(shown.get_by_text("List calls")).to_be_visible()
        expect(shown.locator("[data-param-name=status]")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_operation_can_be_tried_with_the_session(desk):
    with desk.page() as page:
        page.goto("/api/docs/")
        shown = page.locator("#operations-calls-calls_list")
        shown.locator(".opblock-summary-control").click()
        shown.get_by_role("button", name="Try it out").click()
        with page.expect_response("**/api/v1/calls/**") as answer:
            shown.get_by_role("button", name="Execute").click()
        assert answer.value.status == 200
