"""Django's middleware for people, which machines pass by.

A provider is no browser: it has no session, must not be redirected (it would drop the body), and
may know us under any host name.
"""

import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.middleware import common


class ForPeople:
    def __call__(self, request):
        if request.path_info.startswith(settings.MACHINE_PATHS):
            return self.get_response(request)
        return super().__call__(request)


SESSION_PROLONGED_EVERY = 600  # seconds; a write per request would be too many


class SessionMiddleware(ForPeople, sessions.SessionMiddleware):
    """A session ends a time after the last request, not after the login."""

    def process_response(self, request, response):
        session = request.session
        if session.accessed and SESSION_KEY in session:
            moment = int(time.time())
            if session.get("prolonged_at", 0) <= moment - SESSION_PROLONGED_EVERY:
                session["prolonged_at"] = moment
        return super().process_response(request, response)


class CommonMiddleware(ForPeople, common.CommonMiddleware):
    def __call__(self, request):
        response = super().__call__(request)
        if not (response.streaming or response.has_header("Content-Length")):
            response.headers["Content-Length"] = str(len(response.content))
        return response


class AuthenticationMiddleware(ForPeople, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(ForPeople, messages.MessageMiddleware):
    pass
