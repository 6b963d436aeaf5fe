"""What every page needs to know of who asked for it, by one question to the database."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django_otp.plugins.otp_totp.models import TOTPDevice


@dataclass(frozen=True, slots=True)
class Known:
    time_zone: str  # "" where nobody chose one
    has_second_factor: bool


def known(user) -> Known:
    """Asked for once a request."""
    if not hasattr(user, "_known"):
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        people = get_user_model().objects.filter(pk=user.pk)
        row = people.values_list("profile__time_zone", Exists(devices)).first()
        zone, has_one = row or (None, False)  # deleted meanwhile
        user._known = Known(zone or "", has_one)
    return user._known


def forget(user):
    """It changed during this request."""
    if hasattr(user, "_known"):
        del user._known
