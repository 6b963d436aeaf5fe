from collections import Counter

from django.contrib import admin, messages
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from calls.admin import MergedAdmin
from calls.keys import call_key, conference_key
from calls.models import Account
from calltrack.admin import MOST_LISTED, ReadOnlyAdmin, link_to_list, links, preformatted, pretty
from webhooks import inbox
from webhooks.models import Delivery, State
from webhooks.payloads import form_lines, readable

MOST_AGAIN = 1_000  # deliveries processed again within one request


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
        link_to_list(Delivery, "All deliveries about it", subject__exact=row.pk),
    )


MergedAdmin.further.append(("webhooks.view_delivery", deliveries_of))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    deferred = ["body"]
    list_display = ["received_at", "provider", "kind", "state", "reason", "endpoint"]
    list_filter = ["state", "provider"]
    list_select_related = ["endpoint__account"]
    search_fields = ["subject__exact", "id__exact"]
    search_help_text = "The id of a delivery, or of the call or conference it is about."
    ordering = ["-received_at", "-id"]
    actions = ["process_again"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "received_at",
                    "kind",
                    "state",
                    "reason",
                    "attempts",
                    "processed_at",
                    "payload",
                    "exact_bytes",
                ]
            },
        ),
        (
            "Request",
            {
                "fields": [
                    "id",
                    "endpoint",
                    "provider",
                    "subject",
                    "received_on",
                    "signed_at",
                    "method",
                    "content_type",
                    "query_shown",
                    "headers_shown",
                ]
            },
        ),
    ]

    def search_terms(self, typed):
        """A provider's id of a call or conference leads to the subjects it has, by computation."""
        if not typed:
            return []
        accounts = Account.objects.values_list("id", flat=True)[:MOST_LISTED]
        subjects = [key(one, typed) for one in accounts for key in (call_key, conference_key)]
        return [typed, *map(str, subjects)]

    @admin.display(description="Payload")
    def payload(self, delivery):
        return preformatted(readable(delivery.body, delivery.content_type))

    @admin.display(description="Exact bytes")
    def exact_bytes(self, delivery):
        address = reverse("delivery-body", args=[delivery.pk])
        return format_html('<a href="{}">Download</a>', address)

    @admin.display(description="Query")
    def query_shown(self, delivery):
        return preformatted(form_lines(delivery.query)) if delivery.query else "-"

    @admin.display(description="Headers")
    def headers_shown(self, delivery):
        return pretty(delivery.headers)

    def has_process_again_permission(self, request):
        return request.user.has_perm("webhooks.change_delivery")

    @admin.action(description="Process again", permissions=["process_again"])
    def process_again(self, request, queryset):
        ids = list(queryset.order_by().values_list("pk", flat=True)[: MOST_AGAIN + 1])
        if len(ids) > MOST_AGAIN:
            self.message_user(
                request,
                f"These are more than {MOST_AGAIN:,}: use manage.py process_deliveries.",
                messages.ERROR,
            )
            return
        told = Counter()
        for start in range(0, len(ids), inbox.BATCH):
            batch = list(
                Delivery.objects.select_related("endpoint__account").filter(
                    pk__in=ids[start : start + inbox.BATCH]
                )
            )
            try:
                inbox.process_again(batch)
            except inbox.Unavailable as error:
                self.message_user(request, f"The database was busy: {error}", messages.ERROR)
                break
            told.update(delivery.state for delivery in batch)
        failed = told[State.FAILED]
        level = messages.WARNING if failed else messages.SUCCESS
        self.message_user(request, f"Processed {told.total()}; {failed} failed.", level)
