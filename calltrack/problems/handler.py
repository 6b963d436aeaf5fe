"""From exceptions in DRF's views to problems."""

import logging

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from django.http.request import UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from .exceptions import BadParameters, TooLarge, Unavailable
from .faults import body_faults, in_one_line, query_faults
from .kinds import INVALID_BODY, INVALID_PARAMETERS, kind_of
from .response import CONTENT_TYPE, problem

logger = logging.getLogger(__name__)

# Django's own that mean a refusal → what DRF would have raised. The first one that fits counts.
_MEANT = (
    (Http404, lambda error: exceptions.NotFound()),
    (PermissionDenied, lambda error: exceptions.PermissionDenied(*error.args)),
    (RequestDataTooBig, lambda error: TooLarge()),
    (UnreadablePostError, lambda error: exceptions.ParseError("The body ended too soon.")),
    ((SuspiciousOperation, BadRequest), lambda error: exceptions.ParseError()),
    ((OperationalError, InterfaceError), lambda error: Unavailable()),
)


def exception_handler(exc, context):
    """DRF's EXCEPTION_HANDLER. None for what is a fault of ours: Django logs it and asks
    `pages.server_error`."""
    known = meant_by(exc)
    if known is None:
        return None
    if isinstance(known, Unavailable):
        logger.error("%s: %s", type(exc).__name__, exc)
    set_rollback()
    return _answer(context["request"], describe(known), known)


def meant_by(exc) -> exceptions.APIException | None:
    if isinstance(exc, exceptions.APIException):
        return exc
    return next((make(exc) for kind, make in _MEANT if isinstance(exc, kind)), None)


def describe(exc: exceptions.APIException) -> dict:
    """The problem that an exception of DRF's tells of."""
    if isinstance(exc, BadParameters):
        errors = query_faults(exc.detail)
        return problem(INVALID_PARAMETERS, in_one_line(errors, "parameter"), errors)
    if isinstance(exc, exceptions.ValidationError):
        errors = body_faults(exc.detail)
        return problem(INVALID_BODY, in_one_line(errors, "pointer"), errors)
    kind = kind_of(exc.status_code)
    if isinstance(exc.detail, dict | list):
        errors = body_faults(exc.detail)
        return problem(kind, in_one_line(errors, "pointer"), errors)
    return problem(kind, str(exc.detail))


def _answer(request, told, exc):
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    renderer = getattr(request, "accepted_renderer", None)
    if renderer is not None and renderer.format in ("api", "html"):  # a person's page
        return Response(told, status=exc.status_code, headers=headers)
    # Whatever the view renders (CSV, say): a problem is JSON.
    return JsonResponse(told, status=exc.status_code, headers=headers, content_type=CONTENT_TYPE)
