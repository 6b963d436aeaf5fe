"""Somebody's own settings: their time zone, and a second factor for their login."""

from base64 import b32encode, b64encode
from functools import lru_cache
from io import BytesIO
from zoneinfo import available_timezones

import qrcode
from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django_otp import login as show_second_factor
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

from calltrack.login import CodeForm, second_factor
from calltrack.models import Profile
from calltrack.people import forget

BACKUP_CODES = 10


@lru_cache(maxsize=1)
def time_zones() -> list[str]:
    return sorted(available_timezones() - {"localtime", "Factory"})


class ZoneForm(forms.ModelForm):
    class Meta:
        model = Profile
        fields = ["time_zone"]
        widgets = {
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        }

    def clean_time_zone(self):
        typed = self.cleaned_data["time_zone"].strip().replace(" ", "_").lower()
        for name in time_zones():
            if name.lower() == typed:
                return name
        raise forms.ValidationError("There is no such time zone. Try the name of a large city.")


class PasswordForm(forms.Form):
    """Who sits here is who logged in. Failures count as those of the login do."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self):
        password, user = self.cleaned_data["password"], self.request.user
        if authenticate(self.request, username=user.get_username(), password=password) != user:
            raise forms.ValidationError("This is not your password.")
        return password


def profile(request, context):
    """The page. Each form on it says what it wants in `do`."""
    context |= {"time_zones": time_zones(), "zone_form": zone_form(request), "now": timezone.now()}
    wanted = {
        "zone": save_zone,
        "start": start,
        "stop": stop,
        "confirm": confirm,
        "renew": renew,
        "remove": remove,
    }.get(request.POST.get("do"))
    answer = wanted(request, context) if wanted and request.method == "POST" else None
    if answer is not None:
        return answer
    return TemplateResponse(request, "desk/profile.html", context | state(request))


def back():
    return HttpResponseRedirect(reverse("admin:profile"))


def zone_form(request, data=None):
    row = Profile.objects.filter(user=request.user).first() or Profile(user=request.user)
    return ZoneForm(data, instance=row)


def save_zone(request, context):
    form = context["zone_form"] = zone_form(request, request.POST)
    if not form.is_valid():
        return None
    form.save()
    messages.success(request, f"Times are shown in {form.instance.time_zone} now.")
    return back()


# The second factor ------------------------------------------------------------------------------


def state(request) -> dict:
    """Whether there is a second factor, or one being set up, and what that takes."""
    device = second_factor(request.user)
    if device:
        codes = StaticToken.objects.filter(device__user=request.user).count()
        return {"device": device, "codes_left": codes}
    new = TOTPDevice.objects.filter(user=request.user, confirmed=False).first()
    if new is None:
        return {}
    secret = b32encode(new.bin_key).decode().rstrip("=")
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return {"new_device": new, "secret": " ".join(groups), "qr_code": picture(new.config_url)}


def picture(address: str) -> str:
    """A QR code as an address that an <img> takes."""
    svg = BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, border=2).save(svg)
    return f"data:image/svg+xml;base64,{b64encode(svg.getvalue()).decode()}"


def start(request, context):
    if second_factor(request.user) is None:
        TOTPDevice.objects.get_or_create(
            user=request.user, confirmed=False, defaults={"name": "Authenticator"}
        )
    return back()


def stop(request, context):
    TOTPDevice.objects.filter(user=request.user, confirmed=False).delete()
    return back()


def confirm(request, context):
    """It is set up once a code of it was right: nobody locks themselves out by a typo."""
    if second_factor(request.user) is not None:
        return back()
    password = context["password_form"] = PasswordForm(request, request.POST)
    code = context["code_form"] = CodeForm(request.user, request.POST, confirmed=False)
    if not (password.is_valid() and code.is_valid()):
        return None
    code.device.confirmed = True
    code.device.save()
    forget(request.user)
    show_second_factor(request, code.device)
    messages.success(request, "From now on logging in takes a code as well.")
    context["new_codes"] = make_codes(request.user)
    return None


def renew(request, context):
    password = context["renew_form"] = PasswordForm(request, request.POST)
    if second_factor(request.user) is not None and password.is_valid():
        context["new_codes"] = make_codes(request.user)


def remove(request, context):
    password = context["password_form"] = PasswordForm(request, request.POST)
    code = context["code_form"] = CodeForm(request.user, request.POST)
    if not (password.is_valid() and code.is_valid()):
        return None
    forget_second_factor(request.user)
    messages.success(request, "Logging in takes the password alone again.")
    return back()


def forget_second_factor(user):
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).delete()


@transaction.atomic
def make_codes(user) -> list[str]:
    """New backup codes in place of the old ones. They are shown this once."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Backup codes", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=one) for one in codes)
    return codes
