"""Django's middleware for people, which machines pass by.

A provider is no browser: it has no session, must not be redirected (it would drop the body), and
may know us under any host name.
"""

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.middleware import common


class ForPeople:
    def __call__(self, request):
        if request.path_info.startswith(settings.MACHINE_PATHS):
            return self.get_response(request)
        return super().__call__(request)


class SessionMiddleware(ForPeople, sessions.SessionMiddleware):
    pass


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
