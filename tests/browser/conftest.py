"""A real server with lively data, and a real browser in front of it."""

import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Error, expect, sync_playwright

from tests.server import ROOT, Server, environment, running_server

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
REQUIRED = "BROWSER_TESTS"  # "required": a machine without a browser is an error
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run"]
PASSWORD = "a-long-enough-word-7"
ROLES = ("Viewer", "Operator", "Supervisor", "Administrator")
SECONDS = 20  # a busy machine is slow, not wrong

PEOPLE = f"""
from django.contrib.auth.models import Group, User
for role in {ROLES!r}:
    user = User.objects.create_user(role.lower(), password={PASSWORD!r}, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
"""

# A target that was stopped, with a message that was tried.
OUTGOING = """
from uuid import uuid4
from webhooks import subscriptions
from webhooks.models import Attempt, Message, Subscription
made = subscriptions.create(
    integration=None, created_by="admin", name="CRM", url="https://crm.example/hooks/calls",
    events=["call.finalized"], filter="missed=true", full_numbers=False)
Subscription.objects.update(state="stopped", reason="It answered 410.", failures=3)
message = Message.objects.create(
    id=uuid4(), subscription=made, event="call.finalized", subject=uuid4(), number=1,
    state="failed", attempts=1, body='{"type": "call.finalized", "data": {"status": "busy"}}')
Attempt.objects.create(
    message=message, seconds=0.2, status=410, error="It answered 410.", answer="<p>Gone</p>")
"""


@dataclass
class Desk:
    """The server, and how to look at it. `faults` is what browsers complained of."""

    server: Server
    browser: object
    database_url: str
    faults: list[str] = field(default_factory=list)

    def manage(self, *arguments):
        """Run a management command on the same data; its output."""
        command = [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]
        env = environment(self.server.data_dir, self.database_url)
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextlib.contextmanager
    def page(self, user="admin", *, width=1280, scheme="light", examined=False):
        """A page of somebody who has logged in. `examined`: a tool of ours looks at it, which may
        do there what the page itself may not."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            base_url=self.server.url,
            accept_downloads=True,
            bypass_csp=examined,
        )
        try:
            page = context.new_page()
            page.set_default_timeout(SECONDS * 1000)
            if not examined:
                page.on("console", self._heard)
            page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
            page.goto("/admin/login/")
            page.get_by_label("Username").fill(user)
            page.get_by_label("Password").fill(
                self.server.password if user == "admin" else PASSWORD
            )
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url("**/admin/")
            yield page
        finally:
            context.close()

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.location.get('url')}: {message.text}")


@pytest.fixture(scope="package")
def desk(tmp_path_factory):
    if not CHROMIUM:
        reason = "no chromium on this machine"
        pytest.fail(reason) if os.environ.get(REQUIRED) == "required" else pytest.skip(reason)
    with (
        database() as url,
        running_server(tmp_path_factory.mktemp("desk"), database_url=url) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        expect.set_options(timeout=SECONDS * 1000)
        desk = Desk(server, browser, url)
        desk.manage("simulate", "--days", 3, "--calls", 80, "--seed", "browser")
        desk.manage("shell", "--command", PEOPLE)
        desk.manage("shell", "--command", OUTGOING)
        desk.manage("recount")
        yield desk
        with contextlib.suppress(Error):  # it may have crashed, which a test has told by then
            browser.close()


@pytest.fixture(autouse=True)
def no_faults(desk):
    """No error on the console, no refused script or style, whatever a test does."""
    desk.faults.clear()
    yield
    assert not desk.faults, "\n".join(desk.faults)


@contextlib.contextmanager
def database():
    """The URL of a database of its own, of the kind that is tested; "" for a new SQLite file."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield ""
        return
    import psycopg

    server = os.environ["DATABASE_URL"]
    name = f"calltrack_browser_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
