"""What Django answers where no view of DRF's is at work: unknown addresses, faults of ours, hosts
that are not ours. Programs get problems under /api/, people Django's pages elsewhere."""

import logging
import sys
from uuid import uuid4

from django.shortcuts import render
from django.views import csrf, defaults
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from calls.freeclimb_api.errors import plain as freeclimb_error

from .exceptions import Unavailable
from .handler import meant_by
from .kinds import KINDS
from .response import ProblemResponse

logger = logging.getLogger(__name__)


def _for_programs(request, status: int, detail: str, *, headers=None, **more):
    """None where a page for people is wanted."""
    path = request.path_info
    if path == "/api" or path.startswith("/api/"):
        return ProblemResponse(status, detail, headers=headers, **more)
    if path == "/apiserver" or path.startswith("/apiserver/"):
        return freeclimb_error(status, detail, headers)
    return None


def bad_request(request, exception):
    told = _for_programs(request, 400, "The request cannot be taken as it is.")
    return told or defaults.bad_request(request, exception)


def permission_denied(request, exception):
    told = _for_programs(request, 403, "Not allowed.")
    return told or defaults.permission_denied(request, exception)


def page_not_found(request, exception):
    told = _for_programs(request, 404, "There is nothing at this address.")
    return told or defaults.page_not_found(request, exception)


def server_error(request):
    """Django calls this within the `except` that caught the fault, and has logged it."""
    if isinstance(meant_by(sys.exception()), Unavailable):
        wait = {"Retry-After": str(Unavailable.wait)}
        told = _for_programs(request, 503, Unavailable.default_detail, headers=wait)
        return told or defaults.server_error(request)
    instance = f"urn:uuid:{uuid4()}"
    told = _for_programs(request, 500, "Something went wrong here.", instance=instance)
    if told is None:
        return defaults.server_error(request)
    logger.error("%s is the fault above, at %s", instance, request.path_info)
    return told


def csrf_failure(request, reason=""):
    told = _for_programs(request, 403, f"CSRF failed: {reason}")
    return told or csrf.csrf_failure(request, reason)


@csrf_exempt  # it writes nothing: whoever tries hears 405
@require_safe
def explained(request):
    """The page that the problems' `type` leads to."""
    return render(request, "api/problems.html", {"kinds": KINDS})
