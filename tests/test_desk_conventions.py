"""What holds for every page of the desk, those included that nobody has written yet: each opens for
who may, is closed to who may not, hides numbers from who sees none, and asks the database as often
for thirty rows as for three."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext

from calls.models import Call, CallNote, SavedView, ViewPin
from calltrack.models import AuditEntry, Job, Profile
from calltrack.site import NAVIGATION
from tests import factories
from tests.desk_walk import addresses
from tests.desk_world import World
from tests.people import LADDER, member
from webhooks.models import Delivery

LOGIN = "/admin/login/"
OPEN_TO_ALL = {LOGIN, "/admin/login/code/"}
PERMISSION_OF_PAGE = {
    page.url_name: page.permission for group in NAVIGATION.values() for page in group
}
# Written by looking, or by somebody for themselves.
NOT_KEPT = {SavedView, ViewPin, Profile, AuditEntry, Job, LogEntry}
FORM = {"text": "x", "name": "x", "add": "x", "token": "x", "post": "yes", "action": "x"}
MOST_QUERIES = 15
EVERYTHING = [model.__name__ for model in admin.site._registry]
SHOULD_FIND = (Call, CallNote, Delivery)  # or the search for leaks finds nothing


class DeskTestCase(TestCase):
    maxDiff = None

    @classmethod
    def setUpTestData(cls):
        cls.world = World()
        cls.world.grow(2)
        cls.addresses = list(addresses(cls.world))
        cls.people = {name: member(name) for name in LADDER}
        cls.people["superuser"] = factories.UserFactory(is_superuser=True)
        cls.people["nobody yet"] = factories.UserFactory()
        cls.people["customer"] = factories.UserFactory(is_staff=False)

    def as_one(self, role):
        client = Client(raise_request_exception=True)
        if role != "stranger":
            client.force_login(self.people[role])
        return client

    def actions(self):
        """(address, action) of every list, those included that this person is not offered; people
        last, for they are the ones who walk."""
        for one in sorted(self.addresses, key=lambda one: one.path.startswith("/admin/auth/")):
            if one.kind == "changelist":
                offered = admin.site._registry[one.model].actions or ()
                names = [name if isinstance(name, str) else name.__name__ for name in offered]
                for name in {*names, "delete_selected"}:
                    yield one, name

    def walk(self, client):
        """(address, how, response) of every page opened, every form and every action posted."""
        for one in self.addresses:
            yield one, "GET", client.get(one.path)
        for one in self.addresses:
            if one.name not in ("logout", "login", "second_step", "password_change"):
                yield one, "POST", client.post(one.path, FORM)
        for one, action in self.actions():
            own = one.model._meta.app_label == "auth"  # all users would be oneself, too
            for everything in ("0",) if own else ("0", "1"):
                given = {
                    "action": action,
                    "_selected_action": [self.world.rows[one.model].pk],
                    "select_across": everything,
                    "index": "0",
                    "post": "yes",
                }
                yield one, action, client.post(one.path, given)

    def content(self):
        """Every row of ours but for what people do by the way."""
        return {
            model: sorted(map(repr, model.objects.order_by("pk").values_list()))
            for model in admin.site._registry
            if model not in NOT_KEPT and model._meta.app_label != "auth"
        }


def text_of(response) -> str:
    """All that somebody can read of an answer: where it leads, its headers, its source."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{headers}\n{body.decode('utf-8', 'replace')}"


def around(world, text):
    """Where in a text the first number stands."""
    places = [text.find(one[-7:]) for one in world.numbers if one[-7:] in text]
    return text[max(0, min(places) - 150) : min(places) + 20] if places else ""


def is_refused(response) -> bool:
    to = response.headers.get("Location", "")  # home: there is no such row for them
    away = response.status_code == 302 and (to.startswith(LOGIN) or to == "/admin/")
    return away or response.status_code in (401, 403, 404, 405)


def may(person, model, *actions) -> bool:
    meta = model._meta
    return any(person.has_perm(f"{meta.app_label}.{one}_{meta.model_name}") for one in actions)


def must_be_refused(person, one, how) -> bool:
    """By permissions alone; an admin may be stricter."""
    if one.path in OPEN_TO_ALL or one.name in ("logout", ""):
        return False  # "": an old address of a row, which leads to the one of today
    if person is None or not person.is_staff:
        return True
    if one.model is None:
        needed = PERMISSION_OF_PAGE.get(one.name)
        return bool(needed) and not person.has_perm(needed)
    if one.kind == "add" or one.kind == "delete":
        return not may(person, one.model, one.kind)
    if one.kind == "change" and how == "POST":
        return not may(person, one.model, "change")
    return not may(person, one.model, "view", "change")


def must_be_open(person, one, how) -> bool:
    if how != "GET" or person is None or not person.is_staff:
        return False
    if one.model is None:
        return one.name in ("index", "profile", "password_change")
    if one.model in (SavedView, ViewPin):
        return False  # others' own
    return one.kind in ("changelist", "change", "history") and may(person, one.model, "view")


class WalkTests(DeskTestCase):
    def test_the_walk_finds_the_pages_of_every_model(self):
        found = {(one.model, one.kind) for one in self.addresses}
        for model in admin.site._registry:
            for kind in ("changelist", "add", "change", "delete", "history"):
                self.assertIn((model, kind), found)
        own = {one.name for one in self.addresses if one.model is None}
        self.assertLessEqual({"live", "sources", "profile", "needs_attention", "index"}, own)


class RoleTests(DeskTestCase):
    """Each role opens every page, posts to every address and runs every action. One test a role,
    so that they can run side by side."""

    def walk_as(self, role, *, changes=(), blind=False):
        client, person = self.as_one(role), self.people.get(role)
        before, faults, opened = self.content(), [], 0
        for one, how, response in self.walk(client):
            told = text_of(response)
            label = f"{how} {one.path} {response.status_code}"
            if response.status_code >= 500:
                faults.append(label)
            refused = is_refused(response)
            if must_be_refused(person, one, how) and not refused:
                faults.append(f"{label}: open to {role}")
            if must_be_open(person, one, how) and response.status_code != 200:
                faults.append(f"{label}: closed to {role}")
            opened += not refused
            if blind and (leaks := self.world.leaks(told)):
                faults.append(f"{label} tells {leaks[:3]}: {around(self.world, told)}")
        after = self.content()
        changed = {model.__name__ for model in before if before[model] != after[model]}
        self.assertEqual("\n".join(faults), "")
        self.assertLessEqual(changed, set(changes))
        return opened

    def test_a_stranger_sees_nothing(self):
        self.walk_as("stranger", blind=True)

    def test_a_user_who_is_no_staff_sees_nothing(self):
        self.walk_as("customer", blind=True)

    def test_staff_of_no_group_see_their_own_pages(self):
        self.walk_as("nobody yet", blind=True)

    def test_a_viewer_sees_much_no_number_and_changes_nothing(self):
        self.assertGreater(self.walk_as("Viewer", blind=True), 60)

    def test_an_operator_annotates_and_sees_no_number(self):
        written = ("CallNote", "CallTag", "CallDisposition", "CallChange", "ChangeSet")
        self.walk_as("Operator", changes=written, blind=True)

    def test_a_supervisor(self):
        written = ("CallNote", "CallTag", "CallDisposition", "CallChange", "ChangeSet")
        further = ("ServiceNumber", "Agent", "Delivery", "Call", "Leg", "StaleSlot")
        self.walk_as("Supervisor", changes=(*written, *further))

    def test_an_administrator(self):
        self.walk_as("Administrator", changes=EVERYTHING)

    def test_a_superuser(self):
        self.walk_as("superuser", changes=EVERYTHING)


class NumberTests(DeskTestCase):
    def read(self, role, *paths):
        client = self.as_one(role)
        return {path: text_of(client.get(path)) for path in paths}

    def test_the_search_for_leaks_finds_what_others_may_see(self):
        paths = [
            one.path for one in self.addresses if one.model in SHOULD_FIND and one.kind == "change"
        ]
        for path, text in self.read("Supervisor", *paths).items():
            self.assertTrue(self.world.leaks(text), path)

    def test_a_search_an_export_and_the_api_hide_them_too(self):
        call = self.world.rows[Call]
        asked = [
            *(f"/admin/calls/call/?q={what}" for what in (call.customer_number[-4:], "Asha")),
            f"/admin/calls/call/?customer_of={call.pk}",
            "/admin/calls/call/export/?format=csv",
            "/admin/calls/call/export/?format=xlsx",
            *(
                f"/api/v1/{name}/{format}"
                for name in ("calls", "legs", "recordings", "deliveries", "conferences")
                for format in ("", "?format=api")
            ),
            f"/api/v1/calls/{call.pk}/",
            f"/api/v1/deliveries/{self.world.rows[Delivery].pk}/",
        ]
        for role in ("Viewer", "Operator"):
            for path, text in self.read(role, *asked).items():
                with self.subTest(role, path=path):
                    self.assertEqual(self.world.leaks(text), [], around(self.world, text))
        told = self.read("Supervisor", *asked)
        self.assertTrue(all(self.world.leaks(told[path]) for path in asked if "/api/" in path))


class QueryTests(TestCase):
    def test_thirty_rows_take_the_queries_of_three(self):
        world = World()
        world.grow(3)
        people = [factories.UserFactory(is_superuser=True), member("Viewer")]
        few = self.counted(world, people)
        world.grow(27)
        many = self.counted(world, people)
        # Where there is a further page, a list asks once how many there are.
        more = {
            page: (few[page], many[page])
            for page in few
            if many[page] > few[page] + page[1].endswith("_changelist")
        }
        self.assertEqual(more, {}, "queries for 3 rows, for 30")
        dear = {page: number for page, number in many.items() if number > MOST_QUERIES}
        self.assertEqual(dear, {})

    def counted(self, world, people):
        found = {}
        for person in people:
            self.client.force_login(person)
            for one in addresses(world):
                if one.name in ("logout", "view_on_site"):
                    continue
                text_of(self.client.get(one.path))  # what is asked for once a process
                with CaptureQueriesContext(connection) as captured:
                    text_of(self.client.get(one.path))
                found[person.is_superuser, one.name or one.path.split("/")[-3]] = len(captured)
        return found
