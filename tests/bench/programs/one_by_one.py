"""Our server without group commit: each request stores and merges what it brought in its own
thread and its own transaction."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")

from django.db import connection  # noqa: E402 – needs settings

from calltrack.wsgi import application  # noqa: E402
from webhooks import inbox  # noqa: E402

__all__ = ["application"]


def put(make):
    inbox.store([make()])
    connection.close()  # back to the pool


inbox.put = put
