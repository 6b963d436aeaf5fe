"""The answer itself."""

from django.http import JsonResponse

from .kinds import Kind, kind_of

CONTENT_TYPE = "application/problem+json"


def problem(kind: Kind, detail: str, errors=(), instance: str = "") -> dict:
    """type, title, status and detail; `instance` and `errors` where there are any."""
    told = {"type": kind.type, "title": kind.title, "status": kind.status, "detail": detail}
    if instance:
        told["instance"] = instance
    if errors:
        told["errors"] = list(errors)
    return told


class ProblemResponse(JsonResponse):
    """A problem that needs no renderer, for wherever DRF is not at work."""

    def __init__(self, status: int, detail: str, *, headers=None, **more):
        told = problem(kind_of(status), detail, **more)
        super().__init__(told, status=status, headers=headers, content_type=CONTENT_TYPE)
