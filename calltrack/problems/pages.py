"""What Django answers where no view of DRF's is at work: unknown addresses, faults of ours, hosts
that are not ours. Programs get problems under /api/, people Django's pages elsewhere."""

import logging
import sys
from uuid import uuid4

from django.shortcuts import render
from django.views import csrf, defaults
from django.views.decorators.http import require_safe

from .exceptions import Unavailable
from .handler import meant_by
from .kinds import KINDS
from .response import ProblemResponse

logger = logging.getLogger(__name__)

API = "/api/"


def bad_request(request, exception):
    if request.path_info.startswith(API):
        return ProblemResponse(400, "The request cannot be taken as it is.")
    return defaults.bad_request(request, exception)


def permission_denied(request, exception):
    if request.path_info.startswith(API):
        return ProblemResponse(403, "Not allowed.")
    return defaults.permission_denied(request, exception)


def page_not_found(request, exception):
    if request.path_info.startswith(API):
        return ProblemResponse(404, "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def server_error(request):
    """Django calls this within the `except` that caught the fault, and has logged it."""
    if not request.path_info.startswith(API):
        return defaults.server_error(request)
    if isinstance(meant_by(sys.exception()), Unavailable):
        wait = {"Retry-After": str(Unavailable.wait)}
        return ProblemResponse(503, Unavailable.default_detail, headers=wait)
    instance = f"urn:uuid:{uuid4()}"
    logger.error("%s is the fault above, at %s", instance, request.path_info)
    return ProblemResponse(500, "Something went wrong here.", instance=instance)


def csrf_failure(request, reason=""):
    if request.path_info.startswith(API):
        return ProblemResponse(403, f"CSRF failed: {reason}")
    return csrf.csrf_failure(request, reason)


@require_safe
def explained(request):
    """The page that the problems' `type` leads to."""
    return render(request, "api/problems.html", {"kinds": KINDS})
