"""What load balancers and supervisors ask."""

import functools
import logging

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def healthz(request):
    """Alive: this process answers. Says nothing about the database."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request):
    """Ready: the database is reachable and has every migration this code knows."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError as error:
        logger.warning("not ready: %s", error)
        return JsonResponse({"status": "database unreachable"}, status=503)
    missing = [f"{app}.{name}" for app, name in latest_migrations() if (app, name) not in applied]
    if missing:
        return JsonResponse({"status": "not migrated", "missing": missing}, status=503)
    return JsonResponse({"status": "ok"})


@functools.cache  # files do not change under a running process
def latest_migrations():
    return sorted(MigrationLoader(None).graph.leaf_nodes())
