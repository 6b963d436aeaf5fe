"""Recordings on pages: which may be played, and how their addresses stay out of the HTML.

A page names an address of ours; that one is for those who may hear, writes down who did, and sends
the browser on. Nothing here fetches anything.
"""

import re
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from calls.choices import Provider
from calls.models import Recording
from calltrack import audit
from calltrack.models import AuditEntry

# Where each provider keeps its recordings, unless the account says otherwise.
PROVIDER_HOSTS = {
    Provider.FREECLIMB: ("www.freeclimb.com",),
    Provider.CALLERDESK: ("callerdesk.io",),
}
# What FreeClimb's addresses without a host are relative to.
FREECLIMB_API = "https://www.freeclimb.com/apiserver"
# Written out rather than parsed: browsers and parsers disagree on odd addresses.
_ADDRESS = re.compile(r"https://([A-Za-z0-9.-]+)(?::443)?(?:[/?#][!-~]*)?")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
# Moving about in a recording asks again and again: within this time it is one listening.
ONE_LISTENING = timedelta(minutes=10)


def hosts(account) -> list[str]:
    """Hosts whose recordings are played, each with its subdomains."""
    named = [str(host).strip().lower() for host in account.recording_hosts]
    return [
        host
        for host in (named or PROVIDER_HOSTS.get(account.provider, ()))
        if _HOST.fullmatch(host)
    ]


def location(recording) -> str:
    """The recording's address in full; "" for none."""
    url = recording.url
    if url.startswith("/Accounts/") and recording.account.provider == Provider.FREECLIMB:
        return FREECLIMB_API + url
    return url


def obstacle(recording) -> str:
    """Why it cannot be played here; "" if it can."""
    url = location(recording)
    if not url:
        return "The provider has not said where it is."
    found = _ADDRESS.fullmatch(url)
    if not found:
        return "Its address is no plain https address, so it is not opened."
    host = found[1].lower()
    if any(host == one or host.endswith(f".{one}") for one in hosts(recording.account)):
        return ""
    return "Its address is on a host that this account does not list for recordings."


def allow_media(response, accounts):
    """Let this one page play from the accounts' hosts; the policy else allows our own only."""
    sources = sorted({host for account in accounts for host in hosts(account)})
    if sources:
        both = [f"https://{form}" for host in sources for form in (host, f"*.{host}")]
        response._csp_update = {"media-src": ["'self'", *both]}
    return response


def play(request, pk):
    return _send_on(request, pk, AuditEntry.Action.PLAY, "calls.play_recording")


def download(request, pk):
    return _send_on(request, pk, AuditEntry.Action.DOWNLOAD, "calls.download_recording")


def _send_on(request, pk, action, permission):
    if not request.user.has_perms(["calls.view_recording", permission]):
        raise PermissionDenied
    recording = get_object_or_404(Recording.objects.select_related("account"), pk=pk)
    if why := obstacle(recording):
        raise Http404(why)
    if request.method == "GET" and not (
        action == AuditEntry.Action.PLAY and _heard_just_now(request.user, recording)
    ):
        audit.record(request, action, object_type="recording", object_id=recording.pk)
    response = HttpResponseRedirect(location(recording))
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _heard_just_now(user, recording):
    return AuditEntry.objects.filter(
        at__gte=now() - ONE_LISTENING,
        user_id=user.pk,
        action=AuditEntry.Action.PLAY,
        object_type="recording",
        object_id=str(recording.pk),
    ).exists()


def urls(site):
    """Beside the pages of recordings."""
    return [
        path(
            f"<uuid:pk>/{name}/",
            site.admin_view(require_safe(view)),
            name=f"calls_recording_{name}",
        )
        for name, view in (("play", play), ("download", download))
    ]


class Player:
    """A recording as one person may see it: never its address."""

    def __init__(self, recording, user, title=""):
        self.recording = recording
        self.title = title
        self.obstacle = obstacle(recording)
        may = {name: user.has_perm(f"calls.{name}_recording") for name in ("play", "download")}
        self.may_play = may["play"]
        if not self.obstacle:
            for name, allowed in may.items():
                if allowed:
                    setattr(
                        self, name, reverse(f"admin:calls_recording_{name}", args=[recording.pk])
                    )

    play = download = ""
