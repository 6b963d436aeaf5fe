from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.timesince import timesince
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from calls import api_keys
from calls.models import ApiKey, Integration
from calltrack.admin import ReadOnlyAdmin, SturdyAdmin
from calltrack.audit import record
from calltrack.models import AuditEntry

from .integration_forms import KeyForm, NewIntegrationForm, SettingsForm


@admin.register(Integration)
class IntegrationAdmin(SturdyAdmin):
    """Pages of our own; `calls/api_keys.py` writes. A key is shown in the one answer to the request
    that made it, and kept nowhere."""

    fields = ["id", "name", "scopes", "active", "created_at"]  # what its page shows

    def get_urls(self):
        own = {"key": self.key_view, "end": self.end_view}
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(require_POST(view)),
                    name=f"calls_integration_{name}",
                )
                for name, view in own.items()
            ),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request, obj=None):
        return False  # its notes name it; switched off, it opens nothing

    # The list ---------------------------------------------------------------------------------

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = list(self.get_queryset(request).prefetch_related("keys"))
        for row in rows:
            describe(row, list(row.keys.all()))
        context = self._context(request) | {
            "title": "Integrations",
            "rows": sorted(rows, key=lambda one: (not one.active, one.name.lower(), one.pk)),
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/calls/integration/change_list.html", context)

    # A new one --------------------------------------------------------------------------------

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewIntegrationForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                with transaction.atomic():
                    key, text = form.create()
                    self._note(request, key.integration, "created", prefix=key.prefix)
            except ValueError as error:
                form.add_error(None, sentence(error))
            else:
                return self._once(request, key, text)
        context = self._context(request) | {"title": "New integration", "form": form}
        return TemplateResponse(request, "admin/calls/integration/add.html", context)

    def _once(self, request, key, text):
        """The one page that has the key in it. Nobody may keep a copy of it."""
        context = self._context(request) | {
            "title": "New key",
            "key": key,
            "text": text,
            "base": settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/"),
        }
        response = TemplateResponse(request, "admin/calls/integration/once.html", context)
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"
        return response

    # One --------------------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        integration = self.get_object(request, unquote(object_id))
        if integration is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        may_change = self.has_change_permission(request, integration)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        form = SettingsForm(integration, request.POST if request.method == "POST" else None)
        if form.is_valid():
            with transaction.atomic():
                if changed := form.save():
                    self._note(request, integration, "settings", fields=changed)
            messages.success(request, "Saved." if changed else "Nothing was changed.")
            return HttpResponseRedirect(_page(integration))
        keys = list(integration.keys.order_by("-created_at", "-id"))
        describe(integration, keys)
        context = self._context(request) | {
            "title": integration.name,
            "integration": integration,
            "original": integration,
            "form": form,
            "key_form": KeyForm(),
            "keys": keys,
            "may_change": may_change,
            "most": api_keys.MOST_LIVE,
        }
        return TemplateResponse(request, "admin/calls/integration/change_form.html", context)

    def key_view(self, request, object_id):
        """A further key; the old one goes on working until it ends."""
        integration = self._mine(request, object_id)
        form = KeyForm(request.POST)
        if not form.is_valid():
            return self._refuse(request, integration, form.errors["expires_in"][0])
        known = request.POST.get("known", "")
        try:
            with transaction.atomic():
                key, text = api_keys.add(
                    integration, form.expires_at(), known=int(known) if known.isdecimal() else None
                )
                self._note(request, integration, "new key", prefix=key.prefix)
        except ValueError as error:
            return self._refuse(request, integration, sentence(error))
        return self._once(request, key, text)

    def end_view(self, request, object_id):
        integration = self._mine(request, object_id)
        key = integration.keys.filter(pk=_id(request.POST.get("key"))).first()
        with transaction.atomic():
            ended = key is not None and api_keys.end(key)
            if ended:
                self._note(request, integration, "ended key", prefix=key.prefix)
        if not ended:
            return self._refuse(request, integration, "This key had ended already.")
        messages.success(request, f"The key {key.prefix}… is refused from now on.")
        return HttpResponseRedirect(_page(integration))

    # Helpers ----------------------------------------------------------------------------------

    def _context(self, request):
        return self.admin_site.each_context(request) | {"opts": self.opts}

    def _mine(self, request, object_id):
        if not self.has_change_permission(request):
            raise PermissionDenied
        integration = self.get_object(request, unquote(object_id))
        if integration is None:
            raise Http404
        return integration

    def _refuse(self, request, integration, why):
        messages.error(request, why)
        return HttpResponseRedirect(_page(integration))

    def _note(self, request, integration, what, **details):
        record(
            request,
            AuditEntry.Action.INTEGRATION,
            object_type="integration",
            object_id=integration.pk,
            what=what,
            **details,
        )


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Prefixes only. They are made and ended on their integration's page."""

    list_display = ["created_at", "integration", "prefix", "expires_at", "last_used_at"]
    list_select_related = ["integration"]
    search_fields = ["integration__name__exact", "prefix__exact"]
    ordering = ["-created_at", "-id"]
    fields = ["integration", "prefix", "created_at", "expires_at", "last_used_at"]


def describe(integration, keys) -> None:
    """Give it and its keys what pages say of them."""
    at = now()
    for key in keys:
        key.is_live = key.expires_at is None or key.expires_at > at
        key.used_words = ago(key.last_used_at, at)
    integration.live = sum(key.is_live for key in keys)
    used = [key.last_used_at for key in keys if key.last_used_at]
    integration.last_used_at = max(used, default=None)
    integration.used_words = ago(integration.last_used_at, at)
    words = [words for scope, words in api_keys.SCOPE_WORDS.items() if scope in integration.scopes]
    integration.may_words = ", ".join(words)[:1].upper() + ", ".join(words)[1:]


def ago(moment, at) -> str:
    if moment is None:
        return ""
    return f"{timesince(moment, at)} ago" if (at - moment).total_seconds() >= 60 else "just now"


def sentence(error):
    text = str(error)
    return text[:1].upper() + text[1:] + "."


def _id(text):
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)


def _page(integration):
    return reverse("admin:calls_integration_change", args=[integration.pk])
