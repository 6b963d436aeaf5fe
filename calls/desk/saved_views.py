"""Named filters of the list: one's own, those that others share, and the ones in the sidebar."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, re_path, reverse
from django.views.decorators.http import require_POST

from calls.desk.calls_list.filtered import SEARCH, Filtered
from calls.masking import without_numbers
from calls.models import SavedView, ViewPin
from calls.search import SHORTEST_END, digits_of
from calls.viewer import Viewer, viewer_of

_LONGEST_NAME = SavedView._meta.get_field("name").max_length
_LONGEST_QUERY = 4_000
_MOST = 200
_LIST = "admin:calls_call_changelist"


def views_for(request) -> list[SavedView]:
    """What this person may choose, each with `pinned` and `url`; asked for once a request."""
    if not hasattr(request, "saved_views"):
        user = request.user
        pinned = Exists(ViewPin.objects.filter(view=OuterRef("pk"), user=user))
        visible = Q(owner=user) | Q(visibility=SavedView.Visibility.SHARED)
        found = SavedView.objects.filter(visible).select_related("owner").annotate(pinned=pinned)
        offered = [view for view in found[:_MOST] if may_see(view, viewer_of(request))]
        for view in offered:
            view.url = f"{reverse(_LIST)}?{view.query}"
            view.own = view.owner_id == user.pk
        request.saved_views = offered
    return request.saved_views


def pinned_views(request) -> list[SavedView]:
    """For the sidebar."""
    if not request.user.has_perm("calls.view_call"):
        return []
    return [view for view in views_for(request) if view.pinned]


def may_see(view: SavedView, viewer: Viewer) -> bool:
    """A filter by a telephone number is for those who see numbers, the name of it too."""
    return viewer.sees_numbers or not (
        has_number(view.query) or viewer.text(view.name) != view.name
    )


def has_number(query: str) -> bool:
    """More of a number than its last four digits, alone or among other words."""
    asked = QueryDict(query)
    digits = digits_of(asked.get(SEARCH, "").strip())
    if digits and len(digits) > SHORTEST_END:
        return True
    texts = [text for _, several in asked.lists() for text in several]
    return any(without_numbers(text) != text for text in texts)


@require_POST
def save(request):
    """The filter that was in force, under a name; again under the same name it replaces it."""
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())
    query = Filtered(QueryDict(request.POST.get("query", "")), viewer_of(request)).query()
    if not name or len(name) > _LONGEST_NAME or len(query) > _LONGEST_QUERY:
        messages.error(request, f"A view needs a name of at most {_LONGEST_NAME} characters.")
        return _to_list(query)
    shared = request.POST.get("visibility") == SavedView.Visibility.SHARED
    kind = SavedView.Visibility.SHARED if shared else SavedView.Visibility.PRIVATE
    view, is_new = SavedView.objects.update_or_create(
        owner=request.user, name=name, defaults={"query": query, "visibility": kind}
    )
    if request.POST.get("pin"):
        ViewPin.objects.get_or_create(view=view, user=request.user)
    messages.success(request, f"View “{name}” {'saved' if is_new else 'replaced'}.")
    return _to_list(query)


@require_POST
def change(request, pk, what):
    """Pin and unpin any that one may see; rename and delete one's own."""
    view = get_object_or_404(SavedView, pk=pk)
    own = view.owner_id == request.user.pk
    shared = view.visibility == SavedView.Visibility.SHARED
    if not (own or (shared and what in ("pin", "unpin") and may_see(view, viewer_of(request)))):
        raise PermissionDenied
    _CHANGES[what](request, view)
    back = Filtered(QueryDict(request.POST.get("query", "")), viewer_of(request))
    return _to_list(back.query())


def _pin(request, view):
    ViewPin.objects.get_or_create(view=view, user=request.user)


def _unpin(request, view):
    ViewPin.objects.filter(view=view, user=request.user).delete()


def _rename(request, view):
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())
    if not name or len(name) > _LONGEST_NAME:
        messages.error(request, f"A view needs a name of at most {_LONGEST_NAME} characters.")
    elif SavedView.objects.filter(owner=request.user, name=name).exclude(pk=view.pk).exists():
        messages.error(request, f"You have a view named “{name}” already.")
    else:
        view.name = name
        view.save(update_fields=["name"])


def _delete(request, view):
    view.delete()
    messages.success(request, f"View “{view.name}” deleted.")


_CHANGES = {"pin": _pin, "unpin": _unpin, "rename": _rename, "delete": _delete}


def _to_list(query: str):
    return redirect(f"{reverse(_LIST)}?{query}" if query else reverse(_LIST))


def urls(admin_site) -> list:
    """For those who may see calls."""

    def guarded(view):
        def inner(request, **kwargs):
            if not request.user.has_perm("calls.view_call"):
                raise PermissionDenied
            return view(request, **kwargs)

        return admin_site.admin_view(inner)

    one_of = "|".join(_CHANGES)
    return [
        path("views/save/", guarded(save), name="calls_call_save_view"),
        re_path(
            rf"^views/(?P<pk>[0-9a-f-]{{36}})/(?P<what>{one_of})/$",
            guarded(change),
            name="calls_call_change_view",
        ),
    ]
