from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

from calls.admin import MergedAdmin
from calltrack.admin import MOST_LISTED, ReadOnlyAdmin, link_to_list, links
from calltrack.audit import record
from calltrack.models import AuditEntry
from webhooks import again, inbox, matching
from webhooks.models import Delivery, State
from webhooks.payloads import form_lines, readable, shown

from .inbox import decorate, listing

MOST_CHOSEN = 200  # deliveries processed again within one request
NEIGHBOURS = 8  # of the same subject, before and after


@admin.display(description="Deliveries")
def deliveries_of(row):
    """Those about a call or conference, and those that vouch for a value of a row."""
    vouching = [claim[-1] for claim in row.claims.get("c", ())][:MOST_LISTED]
    found = Delivery.objects.filter(Q(subject=row.pk) | Q(pk__in=vouching)).defer("body")
    return links(
        found.order_by("-received_at", "-id"),
        lambda one: (
            f"{one.received_at:%Y-%m-%d %H:%M:%S} UTC {one.kind}: {one.get_state_display()}"
        ),
        link_to_list(Delivery, "All deliveries about it", subject=row.pk),
    )


MergedAdmin.further.append(("webhooks.view_delivery", deliveries_of))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The inbox. List and page are our own: the list goes by key and never reads a whole table."""

    actions = ["process_again"]
    fields = [  # what its page shows; the template lays it out
        *("id", "endpoint", "provider", "kind", "subject", "received_at", "received_on"),
        *("signed_at", "method", "content_type", "query_shown", "headers_shown", "payload"),
        *("state", "reason", "attempts", "processed_at"),
    ]

    def get_urls(self):
        wrap = self.admin_site.admin_view
        name = "webhooks_delivery"
        return [
            path(
                "<path:object_id>/again/", wrap(require_POST(self.again_view)), name=f"{name}_again"
            ),
            path("<path:object_id>/body/", wrap(self.body_view), name=f"{name}_body"),
            *super().get_urls(),
        ]

    def has_process_again_permission(self, request):
        return request.user.has_perm("webhooks.process_delivery_again")

    # The list ---------------------------------------------------------------------------------

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._act(request)
        context = self.admin_site.each_context(request) | listing(request)
        context |= {
            "title": "Inbox",
            "opts": self.opts,
            "may_process": self.has_process_again_permission(request),
        }
        return TemplateResponse(
            request, "admin/webhooks/delivery/change_list.html", context | (extra_context or {})
        )

    def _act(self, request):
        if not self.has_process_again_permission(request):
            raise PermissionDenied
        back = HttpResponseRedirect(request.get_full_path())
        if request.POST.get("action") != "process_again":
            messages.error(request, "There is no such action.")
        elif request.POST.get("select_across") == "1":
            self._start_job(request)
        else:
            self._process_chosen(request, request.POST.getlist("_selected_action"))
        return back

    def _start_job(self, request):
        asked, wrong = matching.from_query(request.GET)
        if wrong or asked.too_wide or request.GET.get("q"):
            told = " ".join(wrong) or "Choose a period of at most 31 days, and no search, first."
            messages.error(request, f"Nothing was started. {told}")
            return
        again.start(request, asked)

    def _process_chosen(self, request, chosen):
        ids = []
        for text in chosen:
            try:
                ids.append(self.opts.pk.to_python(text))
            except Exception:  # noqa: BLE001 — whatever a form was made to say
                messages.error(request, f"{text!r} is no id.")
                return
        if not ids or len(ids) > MOST_CHOSEN:
            messages.error(request, f"Choose from 1 to {MOST_CHOSEN} deliveries.")
            return
        told = _process(request, ids)
        if told is not None:
            failed = told[State.FAILED]
            level = messages.WARNING if failed else messages.SUCCESS
            messages.add_message(request, level, f"Processed {told.total()}; {failed} failed.")

    # One delivery -----------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        delivery = self._one(request, object_id)
        if delivery is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST":
            raise PermissionDenied  # nobody edits a delivery
        viewer = request.viewer
        before, after = _neighbours(delivery)
        decorate(request, [delivery, *before, *after])
        body = bytes(delivery.body)
        context = self.admin_site.each_context(request) | {
            "title": f"Delivery {viewer.text(delivery.kind) or 'of unknown kind'}",
            "opts": self.opts,
            "delivery": delivery,
            "original": delivery,
            "payload": shown(readable(body, delivery.content_type), viewer),
            "size": len(body),
            "query_shown": shown(form_lines(delivery.query), viewer) if delivery.query else "",
            "headers": [
                (name, shown(str(value), viewer)) for name, value in delivery.headers.items()
            ],
            "newer": after[-1] if after else None,
            "older": before[0] if before else None,
            "about_same": [*after, delivery, *before] if before or after else [],
            "may_process": self.has_process_again_permission(request),
            "may_download": may_download(request),
        }
        return TemplateResponse(
            request, "admin/webhooks/delivery/change_form.html", context | (extra_context or {})
        )

    def _one(self, request, object_id):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def again_view(self, request, object_id):
        delivery = self._one(request, object_id)
        if not self.has_process_again_permission(request):
            raise PermissionDenied
        if delivery is None:
            raise Http404
        if _process(request, [delivery.pk]):
            delivery.refresh_from_db(fields=["state"])
            level = messages.WARNING if delivery.state == State.FAILED else messages.SUCCESS
            text = f"Processed again: {delivery.get_state_display().lower()}."
            messages.add_message(request, level, text)
        return HttpResponseRedirect(_address(delivery))

    def body_view(self, request, object_id):
        """The exact bytes. Strangers wrote them: a file, never a page."""
        delivery = self._one(request, object_id)
        if not may_download(request):
            raise PermissionDenied
        if delivery is None:
            raise Http404
        record(
            request,
            AuditEntry.Action.DOWNLOAD,
            object_type="delivery",
            object_id=delivery.pk,
            what="exact bytes",
        )
        response = HttpResponse(bytes(delivery.body), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{delivery.pk}.bin"'
        response["X-Content-Type-Options"] = "nosniff"
        add_never_cache_headers(response)
        return response

    @admin.action(description="Process again", permissions=["process_again"])
    def process_again(self, request, queryset):
        """Named for whoever asks which actions there are; `changelist_view` carries it out."""
        self._process_chosen(request, list(queryset.values_list("pk", flat=True)))


def may_download(request):
    return request.user.has_perm("webhooks.download_delivery") and request.viewer.sees_numbers


def _process(request, ids):
    """What became of them; None, and a message, where the database was busy."""
    for_audit = {"object_id": ids[0]} if len(ids) == 1 else {"ids": [str(one) for one in ids]}
    record(request, AuditEntry.Action.PROCESS_AGAIN, object_type="delivery", **for_audit)
    try:
        return again.process(ids)
    except inbox.Unavailable as error:
        messages.error(request, f"The database was busy: {error}")
        return None


def _neighbours(delivery):
    """Those about the same, next to it: (earlier, later), newest first."""
    same = Delivery.objects.filter(subject=delivery.subject).select_related("endpoint__account")
    same = same.defer("body", "headers", "query")
    at, key = delivery.received_at, delivery.pk
    earlier = same.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=key))
    later = same.filter(Q(received_at__gt=at) | Q(received_at=at, pk__gt=key))
    before = list(earlier.order_by("-received_at", "-pk")[:NEIGHBOURS])
    after = list(later.order_by("received_at", "pk")[:NEIGHBOURS])
    return before, after[::-1]


def _address(delivery):
    return reverse("admin:webhooks_delivery_change", args=[delivery.pk])
