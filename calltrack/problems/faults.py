"""What DRF nests of faults, as the flat list that `errors` holds."""

from collections.abc import Iterator

from rest_framework.settings import api_settings

_MOST_NAMED = 5


def query_faults(detail) -> list[dict]:
    """[{"parameter", "detail", "code"}] of {parameter: [what is wrong with it]}."""
    if not isinstance(detail, dict):
        detail = {api_settings.NON_FIELD_ERRORS_KEY: detail}
    return [
        {"parameter": str(name), "detail": str(one), "code": _code(one)}
        for name, faults in detail.items()
        for _pointer, one in _flat(faults, "")
    ]


def body_faults(detail) -> list[dict]:
    """[{"pointer", "detail", "code"}] of what serializers tell; the pointer is a JSON Pointer
    into the body, "" for all of it."""
    return [
        {"pointer": pointer, "detail": str(one), "code": _code(one)}
        for pointer, one in _flat(detail, "")
    ]


def in_one_line(errors: list[dict], named_by: str) -> str:
    """For `detail`: the only fault itself, or which ones there are."""
    if not errors:
        return "Something in it cannot be taken."
    names = list(dict.fromkeys(one[named_by] for one in errors if one[named_by]))
    if len(errors) == 1:
        return f"{names[0]}: {errors[0]['detail']}" if names else errors[0]["detail"]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{len(errors)} faults: {', '.join(names[:_MOST_NAMED])}{more}."


def _flat(detail, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _flat(inner, pointer if whole else f"{pointer}/{_escaped(name)}")
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list | tuple)
            yield from _flat(inner, f"{pointer}/{number}" if nested else pointer)
    else:
        yield pointer, detail


def _escaped(name) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _code(one) -> str:
    return getattr(one, "code", None) or "invalid"
