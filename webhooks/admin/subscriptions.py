"""Who is told of what, and how that goes."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from calls.desk.paging import Pager
from calltrack.admin import SturdyAdmin
from calltrack.audit import record
from calltrack.models import AuditEntry
from webhooks import subscriptions
from webhooks.models import Message, Subscription
from webhooks.stopped import stopped

from .messages import MOST_CHOSEN, deliver_again, read_key
from .subscription_forms import SubscriptionForm
from .subscription_rows import SINCE, count_queued, decorate, last_messages

MESSAGES_SHOWN = 15
PER_PAGE = 50


@admin.register(Subscription)
class SubscriptionAdmin(SturdyAdmin):
    """Pages of our own; `webhooks/subscriptions.py` writes. A secret is shown in the one answer to
    the request that made it."""

    fields = [  # what its page shows; the template lays it out
        *("id", "name", "url", "events", "filter", "full_numbers", "state", "reason"),
        *("integration", "created_by", "created_at", "failures", "failing_since"),
        "last_success_at",
    ]

    def get_urls(self):
        own = {
            "pause": self.pause_view,
            "resume": self.resume_view,
            "rotate": self.rotate_view,
            "drop": self.drop_view,
            "test": self.test_view,
            "redeliver": self.redeliver_view,
        }
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(require_POST(view)),
                    name=f"webhooks_subscription_{name}",
                )
                for name, view in own.items()
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        known = super().get_queryset(request).exclude(state=Subscription.State.DELETED)
        return known.select_related("integration")

    def has_add_permission(self, request):
        return super().has_add_permission(request) and request.viewer.sees_numbers

    def has_change_permission(self, request, obj=None):
        """Filters and what is sent may hold numbers: who may not see them cannot edit it."""
        return super().has_change_permission(request, obj) and request.viewer.sees_numbers

    # The list ---------------------------------------------------------------------------------

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        pager = Pager(request, self.get_queryset(request), time="created_at", size=PER_PAGE)
        decorate(pager.rows, request)
        count_queued(pager.rows)
        context = self._context(request) | {
            "title": "Subscriptions",
            "rows": pager.rows,
            "pager": pager,
            "stopped": stopped(request),
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/webhooks/subscription/change_list.html", context)

    # A new one --------------------------------------------------------------------------------

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SubscriptionForm(request, data=request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                with transaction.atomic():
                    subscription = form.create()
                    self._note(request, subscription, "created")
            except subscriptions.Refused as error:
                form.add_error(None, str(error))
            else:
                return self._once(request, subscription, "Subscription created")
        context = self._context(request) | {"title": "New subscription", "form": form}
        return TemplateResponse(request, "admin/webhooks/subscription/add.html", context)

    def _once(self, request, subscription, title):
        """The one page that has the secret in it. Nobody may keep a copy of it."""
        context = self._context(request) | {"title": title, "subscription": subscription}
        response = TemplateResponse(request, "admin/webhooks/subscription/once.html", context)
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"
        return response

    # One --------------------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        subscription = self._one(request, object_id)
        if subscription is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        may_change = self.has_change_permission(request, subscription)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        given = request.POST if request.method == "POST" else None
        form = SubscriptionForm(request, subscription, given)
        if form.is_valid():
            with transaction.atomic():
                if changed := form.save():
                    self._note(request, subscription, "settings", fields=changed)
            messages.success(request, "Saved." if changed else "Nothing was changed.")
            return HttpResponseRedirect(_page(subscription))
        decorate([subscription], request)
        count_queued([subscription])
        rows = last_messages(subscription, MESSAGES_SHOWN + 1, request.viewer)
        context = self._context(request) | {
            "title": subscription.shown_name,
            "subscription": subscription,
            "original": subscription,
            "form": form,
            "may_change": may_change,
            "may_delete": self.has_delete_permission(request, subscription),
            "rows": rows[:MESSAGES_SHOWN],
            "more": len(rows) > MESSAGES_SHOWN,
            "since": [(value, words) for value, (words, _) in SINCE.items()],
        }
        return TemplateResponse(request, "admin/webhooks/subscription/change_form.html", context)

    def delete_view(self, request, object_id, extra_context=None):
        subscription = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, subscription):
            raise PermissionDenied
        if subscription is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        decorate([subscription], request)
        if request.method == "POST":
            with transaction.atomic():
                subscriptions.delete(subscription)
                self._note(request, subscription, "deleted")
            messages.success(request, f"“{subscription.shown_name}” is deleted.")
            return HttpResponseRedirect(reverse("admin:webhooks_subscription_changelist"))
        context = self._context(request) | {
            "title": "Delete a subscription",
            "subscription": subscription,
        }
        return TemplateResponse(request, "admin/webhooks/subscription/delete.html", context)

    def history_view(self, request, object_id, extra_context=None):
        """Under no name: it may hold a number."""
        own = {"title": "Changes of a subscription"}
        return super().history_view(request, object_id, own | (extra_context or {}))

    # What its buttons do ----------------------------------------------------------------------

    def pause_view(self, request, object_id):
        subscription = self._mine(request, object_id)
        with transaction.atomic():
            subscriptions.pause(subscription)
            self._note(request, subscription, "paused")
        return self._said(request, subscription, "It is paused: nothing is sent.")

    def resume_view(self, request, object_id):
        subscription = self._mine(request, object_id)
        with transaction.atomic():
            subscriptions.resume(subscription)
            self._note(request, subscription, "resumed")
        return self._said(request, subscription, "It is active again.")

    def rotate_view(self, request, object_id):
        """A new secret; the former one goes on signing until it is dropped."""
        subscription = self._mine(request, object_id)
        try:
            with transaction.atomic():
                subscriptions.rotate_secret(subscription, after=request.POST.get("after", ""))
                self._note(request, subscription, "new secret")
        except subscriptions.Refused as error:
            return self._refuse(request, subscription, error)
        return self._once(request, subscription, "New secret")

    def drop_view(self, request, object_id):
        subscription = self._mine(request, object_id)
        try:
            with transaction.atomic():
                subscriptions.drop_former_secret(subscription)
                self._note(request, subscription, "dropped former secret")
        except subscriptions.Refused as error:
            return self._refuse(request, subscription, error)
        return self._said(request, subscription, "The former secret signs nothing any more.")

    def test_view(self, request, object_id):
        subscription = self._mine(request, object_id)
        try:
            with transaction.atomic():
                message = subscriptions.send_test(subscription)
                self._note(request, subscription, "test", message=str(message.pk))
        except subscriptions.Refused as error:
            return self._refuse(request, subscription, error)
        messages.success(request, "A test message is on its way: here is what becomes of it.")
        return HttpResponseRedirect(reverse("admin:webhooks_message_change", args=[message.pk]))

    def redeliver_view(self, request, object_id):
        """Those chosen, or, with `since`, all that were given up in that time, as a job."""
        subscription = self._mine(request, object_id)
        since = request.POST.get("since", "")
        if since in SINCE:
            self._start_redelivery(request, subscription, since)
        else:
            keys = [read_key(Message, one) for one in request.POST.getlist("_selected_action")]
            chosen = subscription.messages.filter(pk__in=[key for key in keys if key])
            deliver_again(request, list(chosen.order_by("number")[: MOST_CHOSEN + 1]))
        return HttpResponseRedirect(_page(subscription))

    def _start_redelivery(self, request, subscription, since):
        until, (words, length) = now(), SINCE[since]
        with transaction.atomic():
            job = subscriptions.start_redelivery(
                subscription, until - length, until, request.user.get_username()
            )
            record(
                request,
                AuditEntry.Action.REDELIVER,
                object_type="subscription",
                object_id=subscription.pk,
                job=str(job.pk),
                since=(until - length).isoformat(),
            )
        text = f"What failed in the last {words} is delivered again in the background."
        if request.user.has_perm("calltrack.view_job"):
            address = reverse("admin:calltrack_job_change", args=[job.pk])
            text = format_html('{} <a href="{}">How far is it?</a>', text, address)
        messages.success(request, text)

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
        subscription = self.get_object(request, unquote(object_id))
        if subscription is None:
            raise Http404
        return subscription

    def _said(self, request, subscription, text):
        messages.success(request, text)
        return HttpResponseRedirect(_page(subscription))

    def _refuse(self, request, subscription, error):
        messages.error(request, str(error))
        return HttpResponseRedirect(_page(subscription))

    def _note(self, request, subscription, what, **details):
        record(
            request,
            AuditEntry.Action.SUBSCRIPTION,
            object_type="subscription",
            object_id=subscription.pk,
            what=what,
            **details,
        )


def _page(subscription):
    return reverse("admin:webhooks_subscription_change", args=[subscription.pk])
