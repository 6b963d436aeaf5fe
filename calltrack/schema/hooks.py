"""What is done to the description before and after drf-spectacular has written it."""

from .examples import EXAMPLES
from .responses import HEADERS, SCHEMAS, responses


def only_ours(endpoints, **kwargs):
    """`/api/v1/` alone: `/apiserver/` is described by the vendor whose API it is."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def without_blank(result, generator, request, public):
    """A text column may be "" in the table; what is shown is null then."""
    for schema in result["components"].get("schemas", {}).values():
        for said in schema.get("properties", {}).values():
            if "enum" in said and "" in said["enum"] and said.get("readOnly"):
                said["enum"] = [word for word in said["enum"] if word != ""]
    return result


def with_values(result, generator, request, public):
    """A parameter without a value is refused."""
    for operation in _operations(result):
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            if schema.get("type") == "array":
                schema["minItems"] = 1
            elif schema.get("type") == "string" and not schema.keys() & {"enum", "format"}:
                schema.setdefault("minLength", 1)
    return result


def with_strict_bodies(result, generator, request, public):
    """No body may have a field that nobody would read."""
    schemas = result["components"].get("schemas", {})
    for operation in _operations(result):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            _component(content["schema"], schemas)["additionalProperties"] = False
    return result


def with_fields_left_out(result, generator, request, public):
    """Where `fields` chooses what is shown, nothing is sure to be there. Then one kind of object
    can no longer be told from another by what it must have."""
    schemas = result["components"].get("schemas", {})
    for operation in _operations(result):
        if any(one["name"] == "fields" for one in operation.get("parameters", [])):
            for schema in _shown(operation, schemas):
                schema.pop("required", None)
    for schema in schemas.values():
        if "oneOf" in schema and all(part.keys() == {"$ref"} for part in schema["oneOf"]):
            schema["anyOf"] = schema.pop("oneOf")
    return result


def _operations(result: dict):
    return (operation for item in result["paths"].values() for operation in item.values())


def _shown(operation: dict, schemas: dict):
    """The components that an operation answers with: an object, or what a page holds."""
    for content in operation["responses"]["200"].get("content", {}).values():
        schema = _component(content["schema"], schemas)
        results = schema.get("properties", {}).get("results")
        yield _component(results["items"], schemas) if results else schema


def _component(schema: dict, schemas: dict) -> dict:
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def with_shared_parts(result, generator, request, public):
    """The components that operations point at."""
    components = result.setdefault("components", {})
    for kind, parts in (
        ("headers", HEADERS),
        ("responses", responses()),
        ("schemas", SCHEMAS),
    ):
        components[kind] = dict(sorted((components.get(kind, {}) | parts).items()))
    result["components"] = dict(sorted(components.items()))
    return result


def with_examples(result, generator, request, public):
    """An example for each property that EXAMPLES knows by name and that has none yet; readers put
    an object together from them."""
    for schema in result["components"].get("schemas", {}).values():
        for name, said in schema.get("properties", {}).items():
            if name in EXAMPLES and not said.keys() & {"example", "examples", "items"}:
                said["examples"] = [EXAMPLES[name]]
    return result
