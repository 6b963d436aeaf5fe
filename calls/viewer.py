"""Who looks: in which time zone, and whether telephone numbers are theirs to see."""

import re
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from calltrack.models import Profile

from .numbers import masked

# Seven digits or more, also when grouped, but no ISO date and no part of a longer word.
_NUMBER_LIKE = re.compile(
    r"(?<![0-9A-Za-z])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ ().\-\u00a0]{0,2}\d){6,}(?![0-9A-Za-z])"
)


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
        if self.sees_numbers:
            return text
        return _NUMBER_LIKE.sub(lambda found: masked(found.group()), text)


def viewer_of(request) -> Viewer:
    return request.viewer


def viewer_for(user) -> Viewer:
    """The viewer that somebody is outside a request."""
    name = Profile.objects.filter(user=user).values_list("time_zone", flat=True).first()
    return Viewer(
        user,
        sees_numbers=user.has_perm("calls.see_full_numbers"),
        zone=ZoneInfo(name or "UTC"),
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
