"""Who looks: in which time zone, and whether telephone numbers are theirs to see."""

from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from calltrack.people import known

from .masking import without_numbers
from .numbers import masked


class Viewer:
    """`sees_numbers` is asked by everything that shows, searches, filters or exports numbers."""

    def __init__(self, user, *, sees_numbers: bool, zone: ZoneInfo):
        self.user = user
        self.sees_numbers = sees_numbers
        self.zone = zone

    def number(self, number: str) -> str:
        """A telephone number, or what a provider sent in its place."""
        return number if self.sees_numbers else masked(number)

    def text(self, text: str) -> str:
        """Free text: whatever looks like a telephone number in it."""
        return text if self.sees_numbers else without_numbers(text)


def viewer_of(request) -> Viewer:
    return request.viewer


def viewer_for(user) -> Viewer:
    """The viewer that somebody is outside a request."""
    return Viewer(
        user,
        sees_numbers=user.has_perm("calls.see_full_numbers"),
        zone=ZoneInfo(known(user).time_zone or "UTC"),
    )


class ViewerMiddleware:
    """`request.viewer`, and the time zone in which pages show times."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith("/admin/") or not request.user.is_authenticated:
            return self.get_response(request)
        request.viewer = SimpleLazyObject(lambda: viewer_for(request.user))
        with timezone.override(request.viewer.zone):
            return self.get_response(request)


def viewer_context(request):
    """For templates."""
    return {"viewer": getattr(request, "viewer", None)}
