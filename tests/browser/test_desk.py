"""What ops staff do all day, in a real browser against the real server."""

import csv
import json
import re
import urllib.request
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
from playwright.sync_api import expect

PAYLOADS = Path(__file__).parent.parent / "payloads"
LIST = "/admin/calls/call/"
NUMBER = re.compile(r"\+91\d{10}")


def post(url, body, content_type="application/json"):
    request = urllib.request.Request(url, body, {"Content-Type": content_type})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status == 200


def rows(page):
    return page.locator("tr.call")


def test_a_call_is_found_by_a_number_typed_oddly(desk):
    with desk.page() as page:
        page.goto(LIST)
        whole = NUMBER.search(page.locator("table").inner_text()).group()
        national = whole.removeprefix("+91")
        for typed in (f"0{national}", f"+91 {national[:5]}-{national[5:]}", national[-5:]):
            page.get_by_role("searchbox", name="Search calls").fill(typed)
            page.get_by_role("searchbox", name="Search calls").press("Enter")
            expect(rows(page).first).to_contain_text(whole)


def test_filters_are_told_in_words_and_removed_one_by_one(desk):
    with desk.page() as page:
        page.goto(LIST)
        page.get_by_role("link", name="Missed", exact=True).first.click()
        page.get_by_role("link", name="Last 7 days").click()
        chips = page.get_by_role("list", name="Filter in force")
        expect(chips).to_contain_text("Missed")
        expect(chips).to_contain_text("7 days")
        assert {"No answer", "Busy", "Canceled", "Failed"} >= set(
            page.locator("tr.call .badge").all_inner_texts()
        )
        chips.get_by_role("link", name=re.compile("Remove.*7 days")).click()
        expect(chips).not_to_contain_text("7 days")
        expect(chips).to_contain_text("Missed")


def test_pages_turn_both_ways_and_legs_unfold(desk):
    with desk.page() as page:
        page.goto(LIST)
        newest = page.locator("tr.call a").first.get_attribute("href")
        page.get_by_role("link", name="Older").first.click()
        expect(page.locator("tr.call a").first).not_to_have_attribute("href", newest)
        page.get_by_role("link", name="Newer").first.click()
        expect(page.locator(f"tr.call a[href^='{newest.partition('?')[0]}']")).to_have_count(1)
        unfold = page.locator("button.unfold").first
        beneath = page.locator("#" + unfold.get_attribute("aria-controls"))
        expect(beneath).to_be_hidden()
        unfold.click()
        expect(beneath).to_be_visible()


def test_a_call_opens_with_its_timeline_and_takes_a_note(desk):
    with desk.page("operator") as page:
        page.goto(LIST)
        page.locator("tr.call a").first.click()
        expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
        expect(page.locator("svg[role=img]").first).to_be_visible()
        page.get_by_label("New note").fill("Asked to be called back at noon.")
        page.get_by_role("button", name="Add note").click()
        notes = page.locator("#written")
        expect(notes).to_contain_text("Asked to be called back at noon.")
        expect(notes).to_contain_text("operator")


def test_a_view_is_saved_and_stays_in_the_sidebar(desk):
    with desk.page("operator") as page:
        page.goto(LIST + "?outcome=missed")
        page.locator("summary", has_text="Views").click()
        page.get_by_label("Name", exact=True).fill("To be returned")
        page.get_by_role("button", name="Save view").click()
        page.goto("/admin/")
        page.get_by_role("navigation", name="Desk").get_by_text("To be returned").click()
        expect(page.get_by_role("list", name="Filter in force")).to_contain_text("Missed")


def test_exports_hold_what_the_list_shows(desk, tmp_path):
    with desk.page("supervisor") as page:
        page.goto(LIST + "?outcome=answered")
        count = int(page.locator(".list-count strong").inner_text().replace(",", ""))
        assert count > 10
        tables = {}
        for name in ("CSV", "Excel (XLSX)"):
            if not page.get_by_role("link", name=name).is_visible():
                page.locator("summary", has_text="Export").click()
            with page.expect_download() as download:
                page.get_by_role("link", name=name).click()
            path = tmp_path / download.value.suggested_filename
            download.value.save_as(path)
            tables[name] = path
        with open(tables["CSV"], newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
        book = openpyxl.load_workbook(tables["Excel (XLSX)"], read_only=True)
        cells = list(book.active.iter_rows(values_only=True))
        book.close()
        # The simulator's calls of the past do not change; live ones may have been added meanwhile.
        assert len(lines) - 1 == count
        assert len(cells) - 1 == count
        assert lines[0] == list(cells[0])


def test_the_live_board_changes_when_a_webhook_arrives(desk):
    body = json.loads((PAYLOADS / "callerdesk/live_inbound_ringing.json").read_text())
    now = datetime.now(ZoneInfo("Asia/Kolkata"))
    body |= {"CallSid": f"{now.timestamp()}", "StartTime": f"{now:%Y-%m-%d %H:%M:%S}"}
    with desk.page() as page:
        page.goto("/admin/live/")
        board = page.locator(".live-now")
        expect(board).to_be_visible()
        before = page.locator(".live-row").count()
        post(desk.server.endpoints["callerdesk"], json.dumps(body).encode())
        expect(page.locator(".live-row")).to_have_count(before + 1)


def test_a_failed_delivery_is_processed_again(desk):
    post(desk.server.endpoints["callerdesk"], b"\xff\xfe no form, no JSON", "text/plain")
    with desk.page("supervisor") as page:
        page.goto("/admin/needs-attention/")
        expect(page.locator("main")).to_contain_text("1")
        page.goto("/admin/webhooks/delivery/?state=failed")
        page.locator("tbody th a").first.click()
        page.get_by_role("button", name="Process again").click()
        expect(page.locator(".messagelist")).to_contain_text(re.compile("process", re.I))
        expect(page.locator("main")).to_contain_text("Failed")


def test_a_token_is_rotated_and_shown_once(desk):
    old = desk.server.endpoints["callerdesk"]
    with desk.page("administrator") as page:
        page.goto("/admin/webhooks/endpoint/")
        page.get_by_role("link", name=re.compile("^CallerDesk")).first.click()
        page.get_by_role("button", name="Make a new address").click()
        shown = page.locator("#address-once, [data-copy]").first
        expect(shown).to_be_visible()
        address = re.search(r"https?://\S+/webhooks/callerdesk/[\w-]+/", page.content()).group()
        assert address != old
        for url in (old, address):  # both are live, so that the provider can be moved in peace
            post(url, b"{}")
        page.goto("/admin/webhooks/endpoint/")
        assert address not in page.content()
