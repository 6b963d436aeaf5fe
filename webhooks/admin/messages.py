"""What subscribers were told, and how each try went."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from calls.desk.paging import KeysetChangeList, KeysetMixin
from calltrack.admin import MOST_LISTED, ReadOnlyAdmin, indent_json, link
from calltrack.audit import record
from calltrack.models import AuditEntry
from webhooks import subscriptions
from webhooks.models import Attempt, DispatchTurn, Message, Subscription
from webhooks.outgoing.events import EVENTS, TEST
from webhooks.payloads import shown

from .inbox import subjects

MOST_CHOSEN = 200  # messages delivered again within one request
BADGES = {
    Message.State.QUEUED: "badge--live",
    Message.State.DELIVERED: "badge--ok",
    Message.State.FAILED: "badge--bad",
}
_EXCERPT = 120  # characters of an answer in a list


class _Seen(KeysetChangeList):
    def get_results(self, request):
        super().get_results(request)
        for row in self.result_list:
            row.viewer = request.viewer


class SubscriptionFilter(admin.SimpleListFilter):
    title = "subscription"
    parameter_name = "subscription"

    def lookups(self, request, model_admin):
        rows = Subscription.objects.order_by("name", "id")[:MOST_LISTED]
        return [(str(one.pk), request.viewer.text(one.name)) for one in rows]

    def queryset(self, request, queryset):
        key = read_key(Subscription, self.value())
        return queryset if key is None else queryset.filter(subscription=key)


class _Within(admin.SimpleListFilter):
    """Offered within one subscription, whose messages an index finds."""

    def has_output(self):
        return self.value() is not None or self.within

    def __init__(self, request, params, model, model_admin):
        self.within = bool(request.GET.get(SubscriptionFilter.parameter_name))
        super().__init__(request, params, model, model_admin)


class StateFilter(_Within):
    title = parameter_name = "state"

    def lookups(self, request, model_admin):
        return Message.State.choices

    def queryset(self, request, queryset):
        return queryset.filter(state=self.value()) if self.value() else queryset


class EventFilter(_Within):
    title = parameter_name = "event"

    def lookups(self, request, model_admin):
        return [(name, name) for name in (*EVENTS, TEST)]

    def queryset(self, request, queryset):
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(KeysetMixin, ReadOnlyAdmin):
    deferred = ["body"]
    actions = ["redeliver"]
    list_display = ["created_at", "event", "to", "state_shown", "attempts"]
    list_filter = [SubscriptionFilter, StateFilter, EventFilter]
    list_select_related = ["subscription"]
    search_fields = ["id__exact"]
    search_help_text = "The id of a message, as the target got it."
    ordering = ["-created_at", "-id"]
    fields = [  # what its page shows; the template lays it out
        *("id", "subscription", "event", "subject", "number", "body", "state", "attempts"),
        *("due_at", "worker", "lease_until", "created_at", "finished_at"),
    ]

    def get_changelist(self, request, **kwargs):
        return _Seen

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/redeliver/",
                wrap(require_POST(self.redeliver_view)),
                name="webhooks_message_redeliver",
            ),
            *super().get_urls(),
        ]

    def has_redeliver_permission(self, request):
        return may_redeliver(request)

    @admin.display(description="Subscription")
    def to(self, message):
        subscription = message.subscription
        return link(subscription, message.viewer.text(subscription.name))

    @admin.display(description="State")
    def state_shown(self, message):
        badge = BADGES.get(message.state, "")
        return format_html('<span class="badge {}">{}</span>', badge, message.get_state_display())

    @admin.action(description="Deliver again", permissions=["redeliver"])
    def redeliver(self, request, queryset):
        deliver_again(request, list(queryset[: MOST_CHOSEN + 1]))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        message = self._one(request, object_id)
        if message is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST":
            raise PermissionDenied  # nobody edits a message
        viewer = request.viewer
        tries = list(message.tries.order_by("-at", "-id")[: MOST_LISTED + 1])
        decorate_tries(tries, viewer)
        message.badge = BADGES.get(message.state, "")
        context = self.admin_site.each_context(request) | {
            "title": f"Message {message.event}",
            "opts": self.opts,
            "original": message,
            "message": message,
            "about": subjects(request, {message.subject}).get(message.subject),
            "subscription_name": viewer.text(message.subscription.name),
            "body": shown(indent_json(message.body), viewer),
            "tries": tries[:MOST_LISTED],
            "more_tries": len(tries) > MOST_LISTED,
            "may_redeliver": may_redeliver(request),
        }
        return TemplateResponse(request, "admin/webhooks/message/change_form.html", context)

    def redeliver_view(self, request, object_id):
        message = self._one(request, object_id)
        if not may_redeliver(request):
            raise PermissionDenied
        if message is None:
            raise Http404
        deliver_again(request, [message])
        return HttpResponseRedirect(reverse("admin:webhooks_message_change", args=[message.pk]))

    def _one(self, request, object_id):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("subscription")


@admin.register(Attempt)
class AttemptAdmin(KeysetMixin, ReadOnlyAdmin):
    newest_by = "at"
    list_display = ["at", "message_shown", "status", "took", "error_shown", "answer_shown"]
    list_select_related = ["message"]
    ordering = ["-at", "-id"]
    fields = ["message", "at", "took", "status", "error_shown", "answer_whole"]

    def get_changelist(self, request, **kwargs):
        return _Seen

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.viewer = request.viewer
        return row

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("message").defer("message__body")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """A try is called by its time: its error may hold a number."""
        row = self.get_object(request, unquote(object_id))
        named = {"title": f"Try of {row.at:%Y-%m-%d %H:%M:%S} UTC", "subtitle": ""} if row else {}
        return super().change_view(request, object_id, form_url, named | (extra_context or {}))

    @admin.display(description="Message")
    def message_shown(self, row):
        return link(row.message)

    @admin.display(description="Took")
    def took(self, row):
        return f"{row.seconds:.2f} s"

    @admin.display(description="Error")
    def error_shown(self, row):
        return row.viewer.text(row.error) or "–"

    @admin.display(description="Answer")
    def answer_shown(self, row):
        text = shown(row.answer, row.viewer)
        return f"{text[:_EXCERPT]} …" if len(text) > _EXCERPT else text or "–"

    @admin.display(description="Answer, its beginning")
    def answer_whole(self, row):
        return format_html("<pre>{}</pre>", shown(row.answer, row.viewer) or "–")


@admin.register(DispatchTurn)
class DispatchTurnAdmin(ReadOnlyAdmin):
    """How far changes have become messages."""

    list_display = ["id", "position"]
    ordering = ["id"]


def may_redeliver(request) -> bool:
    return request.user.has_perm("webhooks.change_subscription")


def read_key(model, text):
    """The key that a form or an address names, or None."""
    try:
        return model._meta.pk.to_python(text)
    except Exception:  # noqa: BLE001 — whatever somebody typed
        return None


def deliver_again(request, chosen: list[Message]) -> None:
    """Queue them again, write it down, tell how many."""
    if not chosen or len(chosen) > MOST_CHOSEN:
        messages.error(
            request,
            f"Choose from 1 to {MOST_CHOSEN} messages. The page of a subscription delivers again "
            "all that failed in some time.",
        )
        return
    for_audit = {"object_id": chosen[0].pk}
    if len(chosen) > 1:
        for_audit = {"ids": [str(one.pk) for one in chosen]}
    record(request, AuditEntry.Action.REDELIVER, object_type="message", **for_audit)
    refused = []
    for message in chosen:
        try:
            subscriptions.redeliver(message)
        except subscriptions.Refused as error:
            refused.append(str(error))
    queued = len(chosen) - len(refused)
    if queued:
        text = "The message is" if queued == 1 else f"{queued} messages are"
        messages.success(request, f"{text} queued to be delivered again.")
    for text in sorted(set(refused)):
        messages.error(request, text)


def decorate_tries(tries: list[Attempt], viewer) -> None:
    """Give each try its texts as this viewer may read them."""
    for one in tries:
        one.error_shown = viewer.text(one.error)
        one.answer_shown = shown(one.answer, viewer)
        one.took = f"{one.seconds:.2f} s"
