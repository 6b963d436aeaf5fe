"""The list of the inbox: what is asked for, a page of it, and what its rows are about."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.timezone import localtime

from calls.choices import Provider
from calls.desk.paging import CAP, CURSOR, Pager
from calls.keyset import Walk
from calls.models import Call, Conference
from webhooks import matching
from webhooks.models import Delivery, State
from webhooks.providers.callerdesk import events
from webhooks.providers.freeclimb import words

PER_PAGE = 50
KINDS = sorted(words.KNOWN | {events.REPORT, events.LIVE, events.PING, "test"})
_STATES = [
    (state.value, state.label)
    for state in (State.FAILED, State.IGNORED, State.PROCESSED, State.RECEIVED)
]
BADGES = {
    State.RECEIVED: "badge--live",
    State.PROCESSED: "badge--ok",
    State.IGNORED: "",
    State.FAILED: "badge--bad",
}


def listing(request) -> dict:
    """The context of the list."""
    query = request.GET
    asked, wrong = matching.from_query(query)
    term = (query.get("q") or "").strip()
    found = asked.queryset()
    if term:
        found = found.filter(matching.searched(term))
    count = None
    if asked.too_wide:
        wrong.append(
            "There are more than a million deliveries: kind, endpoint and provider are looked for "
            "within a period of at most 31 days. Choose one."
        )
        found = Delivery.objects.none()
    slim = found.select_related("endpoint__account").defer("body", "headers", "query")
    pager = Pager(request, slim, time="received_at", size=PER_PAGE)
    if not asked.too_wide:
        # What no index answers is counted among the newest: the rest may be a million to read.
        among = asked.refined and not asked.subject and Walk(asked.indexed(), CAP)
        count = pager.count(found.order_by("-received_at", "-pk"), among or None)
    decorate(request, pager.rows)
    return {
        "asked": asked,
        "wrong": wrong,
        "pager": pager,
        "rows": pager.rows,
        "count": count,
        "chips": chips(query, asked, request.viewer),
        "term": term,
        "states": [
            (value, label, link(request.GET, ["state", "state__exact"], state=value))
            for value, label in [("", "All"), *_STATES]
        ],
        "providers": Provider.choices,
        "periods": matching.PERIODS.items(),
        "endpoints": matching.endpoint_choices(),
        "kinds": KINDS,
        "given": {name: query.get(name, "") for name in ("period", "kind", "subject", "like")},
        "from_shown": _local(query.get("from"), end=False),
        "to_shown": _local(query.get("to"), end=True),
    }


def decorate(request, rows: Iterable[Delivery]) -> None:
    """Give each row its badge, its reason as this viewer may read it, and what it is about."""
    about = subjects(request, {row.subject for row in rows})
    for row in rows:
        row.badge = BADGES.get(row.state, "")
        row.reason_shown = request.viewer.text(row.reason)
        row.about = about.get(row.subject)


def subjects(request, keys: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """(address, words) of the calls and conferences among these keys."""
    found = {}
    if request.user.has_perm("calls.view_call"):
        calls = Call.objects.filter(pk__in=keys).values_list("pk", "customer_number", "direction")
        for key, number, direction in calls:
            who = request.viewer.number(number) if number else "call"
            text = f"{Call(direction=direction).get_direction_display()}, {who}"
            found[key] = (reverse("admin:calls_call_change", args=[key]), text)
    if request.user.has_perm("calls.view_conference"):
        conferences = Conference.objects.filter(pk__in=keys).values_list("pk", "alias")
        for key, alias in conferences:
            text = f"Conference {request.viewer.text(alias)}".strip()
            found[key] = (reverse("admin:calls_conference_change", args=[key]), text)
    return found


def chips(query, asked, viewer) -> list[tuple[str, str]]:
    """What is in force, in words, each with the address that does without it."""
    names = dict(matching.endpoint_choices()) if asked.endpoint else {}
    said = []
    if asked.provider:
        said.append((Provider(asked.provider).label, ["provider", "provider__exact"]))
    if asked.endpoint:
        name = names.get(asked.endpoint, "unknown endpoint")
        said.append((f"Endpoint {name}", ["endpoint", "endpoint__id__exact"]))
    if asked.kind:
        said.append((f"Kind {viewer.text(asked.kind)}", ["kind", "kind__exact"]))
    if asked.subject:
        said.append(("About one call or conference", ["subject", "subject__exact"]))
    if asked.wrong:
        said.append((f"Reason “{viewer.text(asked.wrong)}”", ["like"]))
    if term := query.get("q"):
        said.append((f"Search {viewer.text(term)}", ["q"]))
    if name := matching.PERIODS.get(query.get("period", "")):
        said.append((name, ["period"]))
    if query.get("from") and asked.since:
        said.append((f"From {localtime(asked.since):%-d %b %Y %H:%M}", ["from"]))
    if query.get("to") and asked.until:
        said.append((f"Until {localtime(asked.until):%-d %b %Y %H:%M}", ["to"]))
    return [(text, link(query, gone)) for text, gone in said]


def link(query, without, **more) -> str:
    """The first page of this list without some of what narrows it, and with what is given."""
    kept = query.copy()
    for name in (CURSOR, *without):
        kept.pop(name, None)
    for name, value in more.items():
        if value:
            kept[name] = value
    return f"?{kept.urlencode()}"


def _local(text, *, end) -> str:
    """For an input of a local time."""
    moment = matching.read_moment(text or "", end=end)
    return f"{localtime(moment):%Y-%m-%dT%H:%M:%S}" if moment else ""
