"""How the inbox is doing: when each endpoint was heard last, what failed, what never ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.timezone import now

from calls.desk.call_links import calls_url
from calls.desk.live import live_calls, lost_before
from calls.desk.paging import CappedCount, capped_counts
from calltrack.jobs import recurring_id
from calltrack.models import Job

from . import partitions, traffic
from .models import Delivery, Endpoint, State, Subscription

CAP = 10_000
RECENT = timedelta(days=7)
PERIOD = "7d"  # RECENT in the address of the inbox
OVERDUE = timedelta(minutes=2)  # recurring work runs every few seconds
MOST_ENDPOINTS = 100  # looked at
SHOWN = 12
STOPPED = "Targets that are dead"


@dataclass(frozen=True, slots=True)
class Heard:
    """An endpoint and when something came last."""

    name: str
    provider: str
    url: str
    last: datetime | None
    ago: str
    warning: str


@dataclass(frozen=True, slots=True)
class Counted:
    name: str
    count: CappedCount
    url: str
    note: str = ""

    @property
    def number(self) -> int:
        return self.count.number

    @property
    def shown(self) -> str:
        return str(self.count)


def inbox_health(request) -> dict:
    """The context of the home page's panel about webhooks, in and out; empty for whom the inbox is
    no business."""
    if not request.user.has_perm("webhooks.view_delivery"):
        return {}
    at = now()
    counting = Job.objects.filter(pk=recurring_id("count_traffic")).first()
    working = counting is not None and not _overdue(counting, at)
    # Without a worker nothing is counted: all endpoints would seem silent.
    trusted = working and counting.state != Job.State.FAILED
    endpoints, more = _endpoints(at, trusted)
    counted = _counted(request.user)
    return {
        "inbox_health": {
            "endpoints": endpoints,
            "more": more,
            "silent": sum(bool(one.warning) for one in endpoints),
            "counted": [one for one in counted if one.name != STOPPED],
            "stopped": next((one for one in counted if one.name == STOPPED and one.number), None),
            "working": working,
            "partitions": partitions.trouble(at.date()) if working else "",
        }
    }


def _overdue(job: Job, at: datetime) -> bool:
    held_until = job.lease_until or job.run_at
    return held_until < at - OVERDUE


def _endpoints(at: datetime, trusted: bool) -> tuple[list[Heard], int]:
    """The active ones, those that are too quiet first; and how many are left out."""
    endpoints = list(
        Endpoint.objects.filter(active=True).select_related("account")[:MOST_ENDPOINTS]
    )
    silences = traffic.silences(endpoints, at)
    inbox = reverse("admin:webhooks_delivery_changelist")
    heard = [
        Heard(
            name=str(endpoint),
            provider=endpoint.account.get_provider_display(),
            url=f"{inbox}?{urlencode({'endpoint': endpoint.pk})}",
            last=silences[endpoint.pk].last,
            ago=_ago(silences[endpoint.pk].last, at),
            warning=_warning(silences[endpoint.pk]) if trusted else "",
        )
        for endpoint in endpoints
    ]
    heard.sort(key=lambda one: (not one.warning, one.last is None, one.name))
    return heard[:SHOWN], max(len(heard) - SHOWN, 0)


def _ago(last: datetime | None, at: datetime) -> str:
    if last is None:
        return "never"
    if at - last < timedelta(minutes=1):
        return "just now"
    return f"{timesince(last, at, depth=1)} ago"


def _warning(silence: traffic.Silence) -> str:
    if not silence.unusual:
        return ""
    seconds = round(silence.usual_gap.total_seconds())
    gap = f"{seconds} s" if seconds < 60 else f"{round(seconds / 60)} min"
    return f"Silent longer than usual: at this hour something comes every {gap}."


def _counted(user) -> list[Counted]:
    inbox = reverse("admin:webhooks_delivery_changelist")

    def deliveries(name: str, state: State, note: str):
        recent = Delivery.objects.filter(state=state).since(now() - RECENT)
        address = f"{inbox}?{urlencode({'state': state.value, 'period': PERIOD})}"
        return name, recent, address, note

    asked = [
        deliveries("Failed deliveries", State.FAILED, "last 7 days"),
        deliveries("Ignored deliveries", State.IGNORED, "unknown or empty, last 7 days"),
    ]
    if user.has_perm("calls.view_call"):
        lost = lost_before()
        calls = live_calls().filter(begun_at__lt=lost)
        asked.append(("Calls with no end seen", calls, calls_url(end=lost, live="true"), ""))
    if user.has_perm("calltrack.view_job"):
        jobs = reverse("admin:calltrack_job_changelist")
        failed = f"{jobs}?{urlencode({'state__exact': Job.State.FAILED.value})}"
        asked.append(("Failed jobs", Job.objects.filter(state=Job.State.FAILED), failed, ""))
    if user.has_perm("webhooks.view_subscription"):
        dead = Subscription.objects.filter(state=Subscription.State.STOPPED)
        address = reverse("admin:webhooks_subscription_changelist")
        asked.append((STOPPED, dead, address, ""))
    counts = capped_counts([found.order_by() for _, found, _, _ in asked], CAP)
    return [
        Counted(name, count, address, note)
        for (name, _, address, note), count in zip(asked, counts, strict=True)
    ]
