"""The description of the API in OpenAPI: complete, valid, and the one that is checked in."""

import re

import jsonschema
import pytest
import yaml
from django.core.management import call_command
from django.test import SimpleTestCase, TestCase
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from calltrack.schema import pages
from webhooks.outgoing.events import EVENTS

COMMAND = "python3 manage.py spectacular --file calltrack/openapi.yaml"
METHODS = {"get", "post", "put", "patch", "delete"}


def generated() -> bytes:
    return OpenApiYamlRenderer().render(SchemaGenerator().get_schema(public=True))


@pytest.fixture(scope="module")
def description():
    return yaml.safe_load(generated())


def operations(description):
    for path, item in description["paths"].items():
        for method in item.keys() & METHODS:
            yield f"{method.upper()} {path}", item[method]


def parameters(description):
    for name, operation in operations(description):
        for parameter in operation.get("parameters", []):
            yield f"{name} {parameter['name']}", parameter


def test_the_file_that_is_checked_in_is_what_the_code_says():
    same = pages.FILE.read_bytes() == generated()
    assert same, f"the API has changed; write its description anew: {COMMAND}"


def test_drf_spectacular_has_nothing_to_complain_of(tmp_path):
    options = {"file": str(tmp_path / "openapi.yaml"), "validate": True, "fail_on_warn": True}
    call_command("spectacular", **options)


def test_it_is_of_openapi_3_1_and_has_the_nulls_of_it(description):
    assert description["openapi"].startswith("3.1")
    assert "nullable" not in yaml.safe_dump(description["components"])


def test_it_describes_our_api_alone(description):
    assert description["paths"]
    assert all(path.startswith("/api/v1/") for path in description["paths"])


def test_every_parameter_says_what_it_means_and_of_what_type_it_is(description):
    silent = [name for name, one in parameters(description) if not one.get("description")]
    untyped = [
        name
        for name, one in parameters(description)
        if not one["schema"].keys() & {"type", "$ref", "oneOf", "anyOf", "enum"}
    ]
    assert [silent, untyped] == [[], []]


def test_every_operation_has_a_summary_a_scope_and_its_problems(description):
    for name, operation in operations(description):
        assert operation.get("summary"), name
        assert re.search(r"Scope: `[a-z]+(:[a-z]+)?`", operation["description"]), name
        assert [scheme for one in operation["security"] for scheme in one] == ["key", "session"]
        wanted = {"400", "401", "403", "406", "429", "503"}
        if "{" in name:
            wanted.add("404")
        if "requestBody" in operation:
            wanted.add("415")
        assert not wanted - operation["responses"].keys(), name


def test_every_event_is_described_with_a_shape_that_there_is(description):
    assert description["webhooks"].keys() == EVENTS.keys()
    for event in description["webhooks"].values():
        body = event["post"]["requestBody"]["content"]["application/json"]["schema"]
        shape = body["properties"]["data"]["$ref"].rpartition("/")[2]
        assert shape in description["components"]["schemas"]


def test_every_tag_is_explained(description):
    used = {tag for _, operation in operations(description) for tag in operation["tags"]}
    assert used == {tag["name"] for tag in description["tags"]}


def test_words_have_one_name_and_no_name_is_made_up(description):
    names = description["components"]["schemas"].keys()
    assert [name for name in names if re.search(r"Enum|[0-9a-f]{3}$|^Blank", name)] == []


def test_examples_are_what_the_schemas_allow(description):
    found = 0
    for name, schema, value in examples(description):
        whole = schema | {"components": description["components"]}
        faults = list(jsonschema.Draft202012Validator(whole).iter_errors(value))
        assert not faults, f"{name}: {faults[0].message}"
        found += 1
    assert found > 100


def examples(description):
    """(where, schema, value) of each example."""
    for name, schema in description["components"]["schemas"].items():
        for key, said in schema.get("properties", {}).items():
            for value in said.get("examples", []):
                yield f"{name}.{key}", said, value
    for name, parameter in parameters(description):
        if "example" in parameter:
            yield name, parameter["schema"], parameter["example"]
        for example in parameter.get("examples", {}).values():
            yield name, parameter["schema"], example["value"]
    shared = description["components"]["responses"].items()
    bodies = [
        *((name, operation.get("requestBody", {})) for name, operation in operations(description)),
        *(
            (f"{name} {status}", response)
            for name, operation in operations(description)
            for status, response in operation["responses"].items()
        ),
        *shared,
    ]
    for name, body in bodies:
        for content in body.get("content", {}).values():
            if "example" in content:
                yield name, content["schema"], content["example"]
            for example in content.get("examples", {}).values():
                yield name, content["schema"], example["value"]


class PageTests(TestCase):
    def test_strangers_may_read_it(self):
        for path in ("/api/schema/", "/api/v1/schema/"):
            response = self.client.get(path)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response["Content-Type"], "application/yaml")
            self.assertEqual(response.content, pages.FILE.read_bytes())

    def test_it_comes_as_json_too(self):
        response = self.client.get("/api/schema/?format=json")
        self.assertEqual(response["Content-Type"], "application/json")
        self.assertEqual(response.json(), yaml.safe_load(pages.FILE.read_bytes()))
        self.assertEqual(self.client.get("/api/schema/?format=xml").status_code, 400)

    def test_who_has_it_already_hears_so(self):
        etag = self.client.get("/api/schema/")["ETag"]
        self.assertEqual(
            self.client.get("/api/schema/", headers={"If-None-Match": etag}).status_code, 304
        )
        self.assertNotEqual(self.client.get("/api/schema/?format=json")["ETag"], etag)

    def test_the_page_has_no_script_or_style_in_it(self):
        response = self.client.get("/api/docs/")
        self.assertEqual(response.status_code, 200)
        page = response.content.decode()
        self.assertNotIn("<style", page)
        self.assertEqual(re.findall(r"<script(?! src=\"/)[^>]*>", page), [])
        self.assertNotIn("https://", page)
        script = re.findall(r'<script src="([^"]+)"', page)[-1]
        self.assertContains(self.client.get(script), "/api/v1/schema/")

    def test_the_old_address_of_the_page_leads_there(self):
        self.assertRedirects(self.client.get("/api/v1/docs/"), "/api/docs/")


class DriftTests(SimpleTestCase):
    def test_a_change_of_the_api_is_noticed(self):
        from calls.filtersets import AccountFilterSet

        there = AccountFilterSet.base_filters.pop("name")
        self.addCleanup(AccountFilterSet.base_filters.__setitem__, "name", there)
        self.assertNotEqual(generated(), pages.FILE.read_bytes())
