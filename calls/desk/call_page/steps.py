"""From a call to the one before or after it in the list that one came from. Asked for when somebody
takes the step: the page itself pays nothing for it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from calls.desk.calls_list.neighbours import MARK, list_behind, neighbours
from calls.keyset import Keyset
from calls.models import Call


def kept_query(request):
    """The list one came from, carried along."""
    behind = list_behind(request)
    return "" if behind is None else "?" + urlencode({MARK: behind})


def _step(newer):
    @require_safe
    def view(request, pk):
        if not request.user.has_perm("calls.view_call"):
            raise PermissionDenied
        call = get_object_or_404(Call.objects.only("id", "begun_at"), pk=pk)
        found = _beside(request, call, newer)
        if found is None:
            messages.info(request, f"There is no {'newer' if newer else 'older'} call in the list.")
        address = reverse("admin:calls_call_change", args=[found or pk])
        return HttpResponseRedirect(address + kept_query(request))

    return view


def _beside(request, call, newer):
    """In the list one came from, else among all conversations."""
    if list_behind(request) is not None:
        return neighbours(request, call)[0 if newer else 1]
    return Keyset(Call, "begun_at").neighbour(Call.objects.filter(is_root=True), call, newer=newer)


def urls(site):
    """Below `calls/call/`."""
    return [
        path(f"<uuid:pk>/{name}/", site.admin_view(_step(newer)), name=f"calls_call_{name}")
        for name, newer in (("newer", True), ("older", False))
    ]
