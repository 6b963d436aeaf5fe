"""The door for who comes by Django's handler; a WSGI server takes webhooks there directly."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from . import door


@csrf_exempt
@transaction.non_atomic_requests  # the inbox has its own transaction
def receive(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    told = door.answer(request.META, provider, token)
    return HttpResponse(
        told.body, content_type=told.content_type, status=told.status, headers=dict(told.headers)
    )
