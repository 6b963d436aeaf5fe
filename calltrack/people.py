"""What every page needs to know of who asked for it, by the question that finds them."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef
from django_otp.plugins.otp_totp.models import TOTPDevice


@dataclass(frozen=True, slots=True)
class Known:
    time_zone: str  # "" where nobody chose one
    has_second_factor: bool


def find(pk):
    """The person with this key and what is to be known of them; None where there is none."""
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    person = (
        get_user_model()
        .objects.annotate(chosen_zone=F("profile__time_zone"), has_device=Exists(devices))
        .filter(pk=pk)
        .first()
    )
    if person:
        person._known = Known(person.chosen_zone or "", person.has_device)
    return person


def known(user) -> Known:
    """Asked for once a request."""
    if not hasattr(user, "_known"):
        person = find(user.pk)  # None: deleted meanwhile
        user._known = person._known if person else Known("", False)
    return user._known


def forget(user):
    """It changed during this request."""
    if hasattr(user, "_known"):
        del user._known
