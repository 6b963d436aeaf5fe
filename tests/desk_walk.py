"""Every address under /admin/, found in the URL conf, filled in with rows that exist."""

import re
from dataclasses import dataclass
from itertools import product

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import get_resolver

from calls.models import Account, Call, CallNote, SavedView

_ARGUMENT = re.compile(r"<(?:\w+:)?(?P<name>\w+)>|\(\?P<(?P<named>\w+)>(?P<words>[^()]*)\)")
CATCH_ALL = "(?P<url>.*)$"


@dataclass(frozen=True)
class Address:
    path: str
    name: str
    model: type | None  # whose admin it belongs to
    kind: str  # of Django's own pages: changelist, add, change, delete, history; else ""


def addresses(world):
    """Raises KeyError for an argument that nobody taught it."""
    for route, name in sorted(_routes(get_resolver().url_patterns)):
        if route.startswith("admin/") and not route.endswith(CATCH_ALL):
            model = _model(route)
            for path in _filled(route.removesuffix("$").replace("/^", "/"), model, world):
                yield Address(f"/{path}", name or "", model, _kind(model, name))


def _routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route, pattern.name or ""


def _model(route):
    _, app, name, *_ = [*route.split("/"), "", ""]
    known = {(m._meta.app_label, m._meta.model_name): m for m in admin.site._registry}
    return known.get((app, name))


def _kind(model, name):
    if model is None:
        return ""
    start = f"{model._meta.app_label}_{model._meta.model_name}_"
    kind = (name or "").removeprefix(start)
    return kind if kind in ("changelist", "add", "change", "delete", "history") else ""


def _filled(route, model, world):
    """The route with each of the words that an argument may be, else with the key of a row."""
    row = world.rows[model] if model else world.rows[Call]
    known = {"object_id": row.pk, "id": row.pk, "pk": row.pk, "note": world.rows[CallNote].pk}
    known["content_type_id"] = ContentType.objects.get_for_model(Account).pk
    if "/views/" in route:
        known["pk"] = world.rows[SavedView].pk
    choices = [
        found["words"].split("|") if "|" in (found["words"] or "") else [known[_name(found)]]
        for found in _ARGUMENT.finditer(route)
    ]
    for chosen in product(*choices):
        values = iter(chosen)
        yield _ARGUMENT.sub(lambda _found, values=values: str(next(values)), route)


def _name(found):
    return found["name"] or found["named"]
