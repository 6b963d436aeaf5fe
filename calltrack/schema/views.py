"""How one operation is described, beyond what drf-spectacular reads off its view."""

import inspect

from django.db.models import UUIDField
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_view_model
from rest_framework.permissions import SAFE_METHODS

from . import filters  # noqa: F401 – drf-spectacular finds its extension once it is there
from .responses import IDEMPOTENCY_KEY, LIMITS, header_refs, problem_refs
from .security import scope_of

_SUMMARIES = {
    "list": "List {many}",
    "retrieve": "One {one}",
    "create": "Make a {one}",
    "update": "Replace a {one}",
    "partial_update": "Change a {one}",
    "destroy": "Delete a {one}",
}


class ApiSchema(AutoSchema):
    """Adds the scope, problems and headers that come from what all views share."""

    def get_operation(self, *args, **kwargs):
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation["responses"] = self._all_responses(operation)
            if self._is_idempotent():
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
            if scope := scope_of(self.view, self.method):
                said = operation.get("description", "")
                operation["description"] = f"{said}\n\nScope: `{scope}`.".strip()
        return operation

    def get_description(self) -> str:
        """The action's own docstring, else the view's own; what a base class says of itself is for
        programmers."""
        action = getattr(self.view, getattr(self.view, "action", "") or self.method.lower(), None)
        if inspect.getmodule(action).__name__.startswith("rest_framework"):
            return inspect.cleandoc(type(self.view).__dict__.get("__doc__") or "")
        return inspect.getdoc(action) or ""

    def get_summary(self) -> str | None:
        model = getattr(getattr(self.view, "queryset", None), "model", None)
        words = _SUMMARIES.get(getattr(self.view, "action", None))
        if model is None or words is None:
            return None
        names = model._meta
        return words.format(one=names.verbose_name, many=names.verbose_name_plural)

    def _resolve_path_parameters(self, variables):
        """The routes take any text for an id, and answer 404 where it is none."""
        parameters = super()._resolve_path_parameters(variables)
        model = get_view_model(self.view, emit_warnings=False)
        for parameter in parameters:
            own = parameter["name"] in ("id", getattr(self.view, "lookup_url_kwarg", None))
            if own and model and isinstance(model._meta.pk, UUIDField):
                parameter["schema"] = {"type": "string", "format": "uuid"}
                parameter["description"] = f"Id of the {model._meta.verbose_name}."
        return parameters

    def _all_responses(self, operation: dict) -> dict:
        responses = dict(operation["responses"])
        headers = self._headers()
        for status, response in responses.items():
            if status.startswith("2") and headers:
                response["headers"] = response.get("headers", {}) | headers
        if self.method in SAFE_METHODS:
            responses["304"] = {"description": "`If-None-Match` names what would be sent."}
        return dict(sorted((problem_refs(*self._problems(operation)) | responses).items()))

    def _problems(self, operation: dict) -> list[int]:
        statuses = [400, 401, 403, 406, 429, 503]
        if "{" in self.path:
            statuses.append(404)
        if self.method not in SAFE_METHODS:
            statuses.append(411)
        if "requestBody" in operation:
            statuses += [413, 415]
        if getattr(self.view, "throttle_bucket", None) == "changes":
            statuses.append(410)
        if self._is_idempotent():
            statuses += [409, 422]
        return statuses

    def _headers(self) -> dict:
        names = [*LIMITS]
        if self.method in SAFE_METHODS:
            names.append("ETag")
        if self._is_idempotent():
            names.append("Idempotent-Replayed")
        return header_refs(*names)

    def _is_idempotent(self) -> bool:
        said = getattr(self.view, "honours_idempotency_key", False)
        return said and self.method not in SAFE_METHODS
