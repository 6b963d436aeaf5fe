"""Our view behind Django's handler and our middleware, storing through the ORM; whom a token lets
in is asked of the database for each request."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402 – needs settings
from django.urls import resolve  # noqa: E402

application = get_wsgi_application()

from tests.bench.programs import through_orm  # noqa: E402 – needs Django set up
from webhooks import admission, inbox  # noqa: E402


def find(provider, token):
    # admission.read would give the connection back to its pool, to be taken out again at once.
    return admission._read(provider, admission.hash_token(token))


def put(make):
    through_orm.put(make())


inbox.put, admission.find = put, find
resolve("/webhooks/freeclimb/token/")  # imports all views, which no request should wait for
