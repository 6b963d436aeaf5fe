"""What holds for the project as a whole."""

import ast
import io
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.db import models
from django.test import SimpleTestCase
from django.test.utils import isolate_apps

from calls.choices import Provider
from webhooks import checks
from webhooks.providers import PROVIDERS

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
OWN = ("calls", "calltrack", "webhooks")
PROMISES = (1, 2, 3, 4, 5)  # of the architecture; see the README


def sources(*folders):
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported(path):
    """The absolute names of the modules that a file imports."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *filter(None, [node.module])))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def importers(paths, *modules):
    return [
        str(path.relative_to(ROOT))
        for path in paths
        if any(
            name == module or name.startswith(f"{module}.")
            for name in imported(path)
            for module in modules
        )
    ]


class ImportTests(SimpleTestCase):
    def test_calls_knows_nothing_of_webhooks(self):
        self.assertEqual(importers(sources("calls"), "webhooks"), [])

    def test_facts_and_merge_know_no_models(self):
        pure = [ROOT / "calls" / name for name in ("choices.py", "facts.py", "merge.py")]
        self.assertEqual(importers(pure, "calls.models", "django.db.connection"), [])

    def test_providers_read_deliveries_without_models_or_requests(self):
        parsers = list(sources("webhooks/providers"))
        known = ("webhooks.models", "calls.models", "calls.ledger", "django.http", "django.db")
        self.assertEqual(importers(parsers, *known), [])

    def test_the_simulator_shares_nothing_with_the_parsers_that_it_tests(self):
        simulator = list(sources("webhooks/simulator"))
        self.assertTrue(simulator)
        shared = ("webhooks.providers", "calls.merge", "calls.ledger", "calls.derived")
        self.assertEqual(importers(simulator, *shared), [])

    def test_an_import_in_the_wrong_direction_would_be_seen(self):
        self.assertIn("webhooks/door.py", importers(sources("webhooks"), "webhooks.inbox"))


class RoomTests(SimpleTestCase):
    def test_a_file_of_more_than_300_lines_becomes_a_package(self):
        files = [*sources(*OWN, "tests"), ROOT / "manage.py"]
        long = [
            f"{path.relative_to(ROOT)}: {lines}"
            for path in files
            if "migrations" not in path.parts
            and (lines := len(path.read_text().splitlines())) > 300
        ]
        self.assertEqual(long, [])

    def test_the_top_level_is_as_agreed(self):
        agreed = {
            *("calltrack", "calls", "webhooks", "templates", "tests"),
            *("manage.py", "requirements.txt", "README.md"),
        }
        ignored = {"var"}
        there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
        self.assertEqual(there - ignored, agreed)

    def test_no_signals(self):
        self.assertEqual(
            importers(sources(*OWN), "django.dispatch", "django.db.models.signals"), []
        )


class CompletenessTests(SimpleTestCase):
    def test_each_provider_has_a_reader_payloads_and_tests(self):
        self.assertEqual(set(PROVIDERS), set(Provider))
        for provider in Provider:
            tests = list((TESTS / "webhooks").glob(f"test_{provider}_*.py"))
            payloads = list((TESTS / "payloads" / provider).glob("*.json"))
            self.assertTrue(tests, provider)
            self.assertTrue(payloads, provider)
            text = "".join(test.read_text() for test in tests)
            unused = [p.stem for p in payloads if not re.search(rf"\b{p.stem}\b", text)]
            self.assertEqual(unused, [], "payload files that no test posts")

    def test_each_command_is_tested(self):
        text = "".join(path.read_text() for path in sources("tests") if path != Path(__file__))
        untested = [
            path.stem
            for app in OWN
            for path in (ROOT / app / "management" / "commands").glob("*.py")
            if path.stem != "__init__" and f'"{path.stem}"' not in text
        ]
        self.assertEqual(untested, [])

    def test_each_model_is_in_the_admin(self):
        own = [m for m in apps.get_models() if m._meta.app_label in OWN]
        self.assertEqual([m.__name__ for m in own if not admin.site.is_registered(m)], [])

    def test_each_promise_is_named_by_a_test_that_proves_it(self):
        named = set()
        for path in sources("tests"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    text = ast.get_docstring(node) or ""
                    named.update(int(number) for number in re.findall(r"Promise (\d)", text))
        self.assertEqual(named, set(PROMISES))


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, stdout=io.StringIO())


class SchemaTests(SimpleTestCase):
    def test_the_tables_keep_to_the_rules(self):
        self.assertEqual(checks.check_schema(), [])

    @isolate_apps("webhooks")
    def test_each_rule_that_is_broken_is_told(self):
        class Root(models.Model):
            id = models.UUIDField(primary_key=True)
            code = models.CharField(max_length=5, unique=True)

            class Meta:
                app_label = "webhooks"

            def __str__(self):
                return self.code

        class Child(models.Model):
            root = models.ForeignKey(Root, models.CASCADE)
            other = models.ForeignKey(Root, models.CASCADE, related_name="+")
            number = models.IntegerField()

            class Meta:
                app_label = "webhooks"
                constraints = [models.UniqueConstraint(fields=["number"], name="number_once")]

            def __str__(self):
                return str(self.number)

        class Small(models.Model):
            id = models.UUIDField(primary_key=True)
            root = models.ForeignKey(Root, models.CASCADE)
            friends = models.ManyToManyField("self")

            class Meta:
                app_label = "webhooks"

            def __str__(self):
                return "small"

        errors = checks.rule_violations([Root, Child, Small], {Root: "id", Child: "root"}, {Small})
        told = sorted((error.obj.__name__, error.id) for error in errors)
        self.assertEqual(
            told,
            [
                ("Child", "webhooks.E002"),  # an automatic key
                ("Child", "webhooks.E004"),  # number_once lacks the root
                ("Child", "webhooks.E005"),  # other may be on another node
                ("Root", "webhooks.E004"),  # code
                ("Small", "webhooks.E003"),  # friends
                ("Small", "webhooks.E005"),  # root
            ],
        )
