"""The forms of a call's page: each posts to an address of its own and leads back."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from calls import annotations
from calls.models import Call, CallNote, Disposition, Tag

from .steps import kept_query


class NoteForm(forms.Form):
    text = forms.CharField(max_length=5_000)


class TagForm(forms.Form):
    """`shown`: the tags that stood on the page when it was opened."""

    tags = forms.ModelMultipleChoiceField(Tag.objects.all(), required=False)
    shown = forms.ModelMultipleChoiceField(Tag.objects.all(), required=False)
    new = forms.CharField(max_length=50, required=False)


class DispositionForm(forms.Form):
    disposition = forms.ModelChoiceField(Disposition.objects.filter(active=True), required=False)


def _editing(act):
    """A view that changes what is written on a call: `act(request, call, **more)`."""

    @require_POST
    def view(request, pk, **more):
        if not request.user.has_perms(["calls.view_call", "calls.annotate_call"]):
            raise PermissionDenied
        call = get_object_or_404(Call.objects.only("id"), pk=pk)
        try:
            act(request, call, **more)
        except annotations.NotYours:
            raise PermissionDenied("Somebody else wrote this note.") from None
        except CallNote.DoesNotExist:
            messages.error(request, "That note is gone: somebody deleted it meanwhile.")
        return HttpResponseRedirect(_back(request, pk))

    return view


def _back(request, pk):
    return reverse("admin:calls_call_change", args=[pk]) + kept_query(request) + "#written"


def _checked(request, form):
    """Its data, or None after telling what is wrong with it."""
    if form.is_valid():
        return form.cleaned_data
    for name, errors in form.errors.items():
        messages.error(request, f"{name.capitalize()}: {' '.join(errors)}")
    return None


@_editing
def add_note(request, call):
    if data := _checked(request, NoteForm(request.POST)):
        annotations.add_note(call, request.user, data["text"])


@_editing
def edit_note(request, call, note):
    stored = get_object_or_404(CallNote, pk=note, call=call)
    if request.viewer.text(stored.text) != stored.text:
        raise PermissionDenied("You do not see all of this note.")
    if data := _checked(request, NoteForm(request.POST)):
        annotations.edit_note(note, request.user, data["text"])


@_editing
def delete_note(request, call, note):
    get_object_or_404(CallNote.objects.only("id"), pk=note, call=call)
    annotations.delete_note(note, request.user)


@_editing
def tags(request, call):
    data = _checked(request, TagForm(request.POST))
    if data is None:
        return
    chosen, shown = set(data["tags"]), set(data["shown"])
    if data["new"]:
        if not request.user.has_perm("calls.add_tag"):
            raise PermissionDenied("You may not make new tags.")
        chosen.add(annotations.tag_named(data["new"]))
    annotations.set_tags(call, request.user, add=chosen - shown, remove=shown - chosen)


@_editing
def disposition(request, call):
    data = _checked(request, DispositionForm(request.POST))
    if data is not None:
        annotations.set_disposition(call, request.user, data["disposition"])


def urls(site):
    """Below `calls/call/`."""
    views = [
        ("<uuid:pk>/notes/", add_note, "add_note"),
        ("<uuid:pk>/notes/<uuid:note>/", edit_note, "edit_note"),
        ("<uuid:pk>/notes/<uuid:note>/delete/", delete_note, "delete_note"),
        ("<uuid:pk>/tags/", tags, "tags"),
        ("<uuid:pk>/disposition/", disposition, "disposition"),
    ]
    return [
        path(where, site.admin_view(view), name=f"calls_call_{name}") for where, view, name in views
    ]
