"""Coming in: who tries too often waits, and who has a second factor shows it."""

from datetime import timedelta
from math import ceil

from axes.handlers.database import AxesDatabaseHandler
from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth import login as log_in
from django.contrib.auth import logout as log_out
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.db.models import Sum
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from calltrack.people import known

PENDING = "password_was_right"  # in the session: who has only the second step before them
PENDING_SECONDS = 600


# Too many failures ------------------------------------------------------------------------------


class LoginHandler(AxesDatabaseHandler):
    """Counts failures of a name from an address, and of an address with any names: that stops one
    password tried on all of us, and leaves an office behind one address some mistakes. Not of a
    name from anywhere, which would let a stranger lock anybody out."""

    def get_failures(self, request, credentials=None):
        of_name, of_address = (
            attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        limit = settings.AXES_FAILURE_LIMIT
        return max(of_name, of_address * limit // settings.FAILURE_LIMIT_OF_ADDRESS)

    def reset_user_attempts(self, request, credentials=None):
        """After a success: those of this name alone, or anybody's own login would clear the
        address for trying others."""
        of_name, _of_address = self.filter_user_attempts(request, credentials)
        return of_name.delete()[0]


def locked(request, response, credentials):
    """The page for who tried too often; the same whether or not there is such a user."""
    wait: timedelta = settings.AXES_COOLOFF_TIME
    context = {"title": "Too many attempts", "minutes": ceil(wait / timedelta(minutes=1))}
    page = render(request, "registration/locked.html", context, status=429)
    page.headers["Retry-After"] = str(int(wait.total_seconds()))
    return page


# The second factor ------------------------------------------------------------------------------


def second_factor(user) -> TOTPDevice | None:
    """The authenticator that somebody has set up."""
    return TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).first()


def is_wholly_in(user) -> bool:
    """Has this session seen the second factor, if there is one?"""
    return getattr(user, "otp_device", None) is not None or not known(user).has_second_factor


class CodeForm(forms.Form):
    """A code of the authenticator, or a backup code, which is spent by it."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}
        ),
    )

    def __init__(self, user, *args, confirmed=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.confirmed = confirmed  # False: of an authenticator that is being set up
        self.device: Device | None = None  # that accepted the code

    def clean_code(self):
        code = self.cleaned_data["code"].replace(" ", "").replace("-", "").lower()
        model = TOTPDevice if code.isdecimal() else StaticDevice
        problem = ""
        with transaction.atomic():  # what fails is counted, so nothing may be raised in here
            devices = model.objects.select_for_update().filter(
                user=self.user, confirmed=self.confirmed
            )
            if (device := devices.first()) is None:
                problem = "This code is not right."
            else:
                allowed, why = device.verify_is_allowed()
                if not allowed:
                    problem = _come_back(why)
                elif not device.verify_token(code):
                    problem = "This code is not right."
        if problem:
            raise forms.ValidationError(problem)
        self.device = device
        return code


def _come_back(why) -> str:
    seconds = ceil((why["locked_until"] - now()).total_seconds())
    return f"Too many wrong codes. Try again in {max(1, seconds)} s."


# The pages --------------------------------------------------------------------------------------


class PasswordStep(LoginView):
    """Name and password. Who has a second factor is not logged in by this alone."""

    def form_valid(self, form):
        user = form.get_user()
        if second_factor(user) is None:
            return super().form_valid(form)
        self.request.session[PENDING] = {
            "user": user.pk,
            "backend": user.backend,
            "at": now().timestamp(),
            "hash": user.get_session_auth_hash(),  # the password may change meanwhile
        }
        return HttpResponseRedirect(second_step_url(self.get_redirect_url()))


def second_step_url(target=""):
    address = reverse("admin:second_step")
    return f"{address}?{urlencode({'next': target})}" if target else address


def password_step(site, request, extra_context=None):
    """Django's login page of the admin, with our view behind it."""
    target = request.GET.get("next", "")
    if request.method == "GET" and request.user.is_authenticated:
        if site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.user.is_staff and not is_wholly_in(request.user):
            return HttpResponseRedirect(second_step_url(target))
    context = {
        **site.each_context(request),
        "title": "Log in",
        "app_path": request.get_full_path(),
        "username": request.user.get_username(),
        "next": target or reverse("admin:index"),
        **(extra_context or {}),
    }
    view = PasswordStep.as_view(
        authentication_form=AdminAuthenticationForm,
        template_name="admin/login.html",
        extra_context=context,
    )
    return view(request)


class SecondStep(LoginView):
    """The code, after the password."""

    template_name = "registration/second_step.html"
    extra_context = {"title": "Second step"}

    def dispatch(self, request, *args, **kwargs):
        self.who, self.backend = waiting(request)
        if self.who is None:
            return HttpResponseRedirect(reverse("admin:login"))
        if request.method == "POST" and "leave" in request.POST:
            log_out(request)
            return HttpResponseRedirect(reverse("admin:login"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self):
        return CodeForm

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        del kwargs["request"]
        return kwargs | {"user": self.who}

    def form_valid(self, form):
        self.request.session.pop(PENDING, None)
        self.who.otp_device = form.device  # kept in the session by django_otp
        log_in(self.request, self.who, self.backend)
        return HttpResponseRedirect(self.get_success_url())


def waiting(request):
    """Who stands at the second step, and the backend that knew the password: somebody who just
    gave it, or whose session is older than their second factor."""
    user = request.user
    if user.is_authenticated and user.is_staff and not is_wholly_in(user):
        return user, request.session["_auth_user_backend"]
    pending = request.session.get(PENDING)
    if not pending or pending["at"] < now().timestamp() - PENDING_SECONDS:
        return None, ""
    user = get_user_model().objects.filter(pk=pending["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != pending["hash"]:
        return None, ""
    return user, pending["backend"]
