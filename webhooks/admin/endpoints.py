from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Sum
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.timesince import timesince
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from calls.choices import Provider
from calltrack.admin import ReadOnlyAdmin, SturdyAdmin
from calltrack.audit import record
from calltrack.models import AuditEntry
from webhooks import endpoints, inbox
from webhooks.deliveries import build_test
from webhooks.models import Endpoint, EndpointHour, Secret
from webhooks.traffic import silences

from .endpoint_forms import EndpointForm, NewEndpointForm


@admin.register(Endpoint)
class EndpointAdmin(SturdyAdmin):
    """Pages of our own; `webhooks/endpoints.py` writes. An address is shown in the one answer to
    the request that made it, and kept nowhere."""

    fields = [  # what its page shows; the template lays it out
        *("id", "account", "label", "region", "time_zone", "agent_numbers"),
        *("allow_unsigned", "active", "created_at"),
    ]

    def get_urls(self):
        own = {
            "token": self.token_view,
            "secret": self.secret_view,
            "drop": self.drop_view,
            "test": self.test_view,
        }
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(require_POST(view)),
                    name=f"webhooks_endpoint_{name}",
                )
                for name, view in own.items()
            ),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request, obj=None):
        return False  # its deliveries name it; an inactive one lets nothing in

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account")

    # The list ---------------------------------------------------------------------------------

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = list(self.get_queryset(request).prefetch_related("secrets"))
        describe(rows)
        context = self._context(request) | {
            "title": "Endpoints",
            "rows": sorted(rows, key=lambda one: (not one.active, one.account.name, str(one))),
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/webhooks/endpoint/change_list.html", context)

    # A new one --------------------------------------------------------------------------------

    @method_decorator(sensitive_post_parameters("secret"))
    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewEndpointForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                with transaction.atomic():
                    endpoint, token = form.create()
                    self._note(request, endpoint, "created")
            except endpoints.Refused as error:
                form.add_error(None, sentence(error))
            else:
                return self._once(request, endpoint, token, "Endpoint created")
        context = self._context(request) | {"title": "New endpoint", "form": form}
        return TemplateResponse(request, "admin/webhooks/endpoint/add.html", context)

    def _once(self, request, endpoint, token, title):
        """The one page that has the address in it. Nobody may keep a copy of it."""
        base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
        context = self._context(request) | {
            "title": title,
            "endpoint": endpoint,
            "address": base + endpoints.endpoint_path(endpoint, token),
            "reachable": bool(settings.PUBLIC_URL),
            "signs": endpoint.provider == Provider.FREECLIMB,
        }
        response = TemplateResponse(request, "admin/webhooks/endpoint/once.html", context)
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"
        return response

    # One --------------------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        endpoint = self._one(request, object_id)
        if endpoint is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        may_change = self.has_change_permission(request, endpoint)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        given = request.POST if request.method == "POST" else None
        form = EndpointForm(endpoint, request.viewer, given)
        if form.is_valid():
            try:
                with transaction.atomic():
                    if changed := form.save():
                        self._note(request, endpoint, "settings", fields=changed)
            except endpoints.Refused as error:
                form.add_error(None, sentence(error))
            else:
                messages.success(request, "Saved." if changed else "Nothing was changed.")
                return HttpResponseRedirect(_page(endpoint))
        describe([endpoint])
        secrets = list(endpoint.secrets.order_by("-created_at", "-id"))
        for one in secrets:
            one.used_words = ago(one.last_used_at, now())
        tokens = [one for one in secrets if one.kind == Secret.Kind.TOKEN]
        context = self._context(request) | {
            "title": str(endpoint),
            "endpoint": endpoint,
            "original": endpoint,
            "form": form,
            "may_change": may_change,
            "tokens": tokens,
            "newest": tokens[0].pk if tokens else "",
            "signing": [one for one in secrets if one.kind == Secret.Kind.SIGNING],
            "signs": endpoint.provider == Provider.FREECLIMB,
            "agents": [request.viewer.number(one) for one in endpoint.agent_numbers],
            "most": endpoints.LIVE_AT_ONCE,
        }
        return TemplateResponse(request, "admin/webhooks/endpoint/change_form.html", context)

    def token_view(self, request, object_id):
        """A further address; the old one goes on working until there are too many."""
        endpoint = self._mine(request, object_id)
        try:
            with transaction.atomic():
                token = endpoints.new_token(endpoint, after=_key(request.POST.get("after")))
                self._note(request, endpoint, "new token")
        except endpoints.Refused as error:
            return self._refuse(request, endpoint, error)
        return self._once(request, endpoint, token, "New address")

    @method_decorator(sensitive_post_parameters("secret"))
    def secret_view(self, request, object_id):
        endpoint = self._mine(request, object_id)
        try:
            with transaction.atomic():
                endpoints.add_signing_secret(endpoint, request.POST.get("secret", ""))
                self._note(request, endpoint, "new signing secret")
        except endpoints.Refused as error:
            return self._refuse(request, endpoint, error)
        messages.success(request, "Signatures made with the new secret are good from now on.")
        return HttpResponseRedirect(_page(endpoint))

    def drop_view(self, request, object_id):
        endpoint = self._mine(request, object_id)
        try:
            with transaction.atomic():
                secret = endpoints.drop(endpoint, _key(request.POST.get("secret")))
                kind = secret.get_kind_display().lower()
                self._note(request, endpoint, f"dropped {kind}")
        except endpoints.Refused as error:
            return self._refuse(request, endpoint, error)
        messages.success(request, f"The {kind} …{secret.hint} lets nothing in any more.")
        return HttpResponseRedirect(_page(endpoint))

    def test_view(self, request, object_id):
        endpoint = self._mine(request, object_id)
        delivery = build_test(endpoint)
        self._note(request, endpoint, "test delivery", delivery=str(delivery.pk))
        try:
            inbox.put(lambda: delivery)
        except inbox.Unavailable as error:
            messages.error(request, f"It could not be stored: {error}")
            return HttpResponseRedirect(_page(endpoint))
        messages.success(request, "The test delivery arrived in the inbox: here it is.")
        return HttpResponseRedirect(reverse("admin:webhooks_delivery_change", args=[delivery.pk]))

    # Helpers ----------------------------------------------------------------------------------

    def _context(self, request):
        return self.admin_site.each_context(request) | {"opts": self.opts}

    def _one(self, request, object_id):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def _mine(self, request, object_id):
        if not self.has_change_permission(request):
            raise PermissionDenied
        endpoint = self.get_object(request, unquote(object_id))
        if endpoint is None:
            raise Http404
        return endpoint

    def _refuse(self, request, endpoint, error):
        messages.error(request, sentence(error))
        return HttpResponseRedirect(_page(endpoint))

    def _note(self, request, endpoint, what, **details):
        action = AuditEntry.Action.ENDPOINT
        record(request, action, object_type="endpoint", object_id=endpoint.pk, what=what, **details)


@admin.register(Secret)
class SecretAdmin(ReadOnlyAdmin):
    """Hints only. They are changed on their endpoint's page."""

    list_display = ["created_at", "endpoint", "kind", "hint", "last_used_at"]
    list_filter = ["kind"]
    list_select_related = ["endpoint__account"]
    ordering = ["-created_at", "-id"]
    fields = ["endpoint", "kind", "hint", "created_at", "last_used_at"]


def describe(rows):
    """Give each endpoint when it was heard last, what came within a day, and what is wrong with it.
    Its deliveries are counted by hour, afterwards: the figures lag a little behind."""
    at = now()
    heard = silences(rows, at)
    hours = EndpointHour.objects.filter(
        endpoint__in=rows, begins_at__gt=at - timedelta(hours=24), begins_at__lte=at
    )
    lately = dict(hours.values_list("endpoint").annotate(Sum("deliveries")).order_by())
    for one in rows:
        one.silence = heard[one.pk]
        one.heard_words = ago(one.silence.last, at) or "–"
        one.lately_words = f"{lately.get(one.pk, 0):,}"
        one.marks = marks(one)


def ago(moment, at) -> str:
    if moment is None:
        return ""
    return f"{timesince(moment, at)} ago" if at - moment >= timedelta(minutes=1) else "just now"


def marks(endpoint) -> list[tuple[str, str]]:
    """(class of the badge, words)"""
    kinds = [secret.kind for secret in endpoint.secrets.all()]
    signing = kinds.count(Secret.Kind.SIGNING)
    told = []
    if endpoint.active:
        if Secret.Kind.TOKEN not in kinds:
            told.append(("badge--bad", "No address: nothing can come in"))
        if endpoint.provider == Provider.FREECLIMB:
            if endpoint.allow_unsigned:
                told.append(("badge--warn", "Unsigned allowed"))
            elif not signing:
                told.append(("badge--bad", "No signing secret: refuses all"))
        if endpoint.silence.unusual:
            told.append(("badge--warn", "Unusually silent"))
    if kinds.count(Secret.Kind.TOKEN) > 1 or signing > 1:
        told.append(("", "Being rotated"))
    return told


def sentence(error):
    text = str(error)
    return text[:1].upper() + text[1:] + "."


def _key(text):
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)


def _page(endpoint):
    return reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])
