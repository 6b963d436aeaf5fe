"""The application for a WSGI server: webhooks go straight to the door, all else to Django."""

import os
import re
from contextlib import suppress

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")

django = get_wsgi_application()

from webhooks import door  # noqa: E402 — Django must be set up before

# As in webhooks/urls.py.
WEBHOOK = re.compile(r"/webhooks/([^/]+)/([^/]+)/?")


def application(environ, start_response):
    webhook = WEBHOOK.fullmatch(environ.get("PATH_INFO", ""))
    if webhook is None:
        response = django(environ, start_response)
        read_rest(environ)
        return response
    told = door.answer(environ, *webhook.groups())
    headers = [
        ("Content-Type", told.content_type),
        ("Content-Length", str(len(told.body))),
        ("X-Content-Type-Options", "nosniff"),
        *told.headers,
    ]
    start_response(f"{told.status:d} {told.status.phrase}", headers)
    return [told.body]


def read_rest(environ):
    """What nobody has read of a body. Answered before it came, as a 405 is, the server would close
    the connection unannounced, and the client's next request on it would fail."""
    length = environ.get("CONTENT_LENGTH") or ""
    if len(length) <= 5 and length.isdecimal():
        with suppress(OSError):
            environ["wsgi.input"].read(int(length))
