"""The description itself, and a page to read it. Anybody may: it holds nothing but what the code
says, and no data."""

import hashlib
import json
from functools import cache
from pathlib import Path

import yaml
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_safe
from drf_spectacular.views import SpectacularSwaggerSplitView

from calltrack.problems import ProblemResponse

FILE = Path(__file__).resolve().parent.parent / "openapi.yaml"
_TYPES = {"yaml": "application/yaml", "json": "application/json"}


@cache
def text(kind: str) -> bytes:
    """The file as it is checked in: writing it anew takes a second, which strangers should not be
    able to spend."""
    content = FILE.read_bytes()
    return content if kind == "yaml" else json.dumps(yaml.safe_load(content)).encode()


def _etag(request) -> str | None:
    kind = request.GET.get("format", "yaml")
    return f'"{hashlib.sha256(text(kind)).hexdigest()[:32]}"' if kind in _TYPES else None


@csrf_exempt  # it writes nothing: whoever tries hears 405
@require_safe
@condition(etag_func=_etag)
def schema(request):
    """`?format=yaml`, the default, or `json`."""
    kind = request.GET.get("format", "yaml")
    if kind not in _TYPES:
        fault = {"parameter": "format", "detail": "Enter yaml or json.", "code": "invalid"}
        return ProblemResponse(400, "format: Enter yaml or json.", errors=[fault])
    headers = {"Content-Disposition": f'inline; filename="calltrack.{kind}"'}
    return HttpResponse(text(kind), content_type=_TYPES[kind], headers=headers)


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from files of ours, its script apart from the page, as the CSP wants it."""

    url_name = "schema"
    template_name = "api/docs.html"
