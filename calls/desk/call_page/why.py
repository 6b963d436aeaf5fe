"""What every delivery said about a row, field by field: what stands, and what lost against it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse

from calls.desk.provenance import claimed, inbox_for, table_of
from calls.desk.shown import said

HIDDEN = ("start_least", "start_most")  # for flags only; no column


def why(request, pk, model_admin):
    """GET: computed when it is asked for, by reading the deliveries again."""
    inbox = inbox_for(request.user)
    if inbox is None or not model_admin.has_view_permission(request):
        raise PermissionDenied
    row = model_admin.model.objects.filter(pk=pk).first()
    if row is None:
        raise Http404("No such row.")
    sayings, complete = inbox.sayings(row)
    context = {
        **admin.site.each_context(request),
        "title": "Why is it so?",
        "subtitle": model_admin.heading(request, row),
        "opts": model_admin.opts,
        "row": row,
        "fields": [
            {"name": name, "label": _label(row, name), "said": _shown(row, name, found, request)}
            for name, found in sorted(sayings.items(), key=lambda pair: _place(row, pair[0]))
            if name not in HIDDEN
        ],
        "complete": complete,
        "nobody_left": not sayings and bool(claimed(row)),
    }
    return TemplateResponse(request, "desk/why.html", context)


# Yes-or-no parts of a value that has other parts too.
_WORDS = {"is_over": ("", "over"), "agent_answered": ("only rang", "took it")}
_LAST = ("strength", "created_at")  # every delivery says them


def _place(row, name):
    """In the order of the columns."""
    if name in _LAST:
        return (len(row._meta.concrete_fields), name)
    names = [field.name for field in row._meta.concrete_fields]
    columns = [column.removesuffix("_id") for column in table_of(row).columns.get(name, ())]
    places = [names.index(column) for column in columns if column in names]
    return (min(places, default=len(names)), name)


def _label(row, name):
    names = {field.attname: field for field in row._meta.concrete_fields}
    columns = table_of(row).columns.get(name, ())
    label = next((names[column].verbose_name for column in columns if column in names), name)
    label = names[name].verbose_name if name in names else label
    return str(label)[:1].upper() + str(label)[1:]


def _shown(row, name, found, request):
    columns = table_of(row).columns.get(name, ())
    return [
        {
            "saying": one,
            "agrees": one.value == found[0].value,
            "value": ", ".join(_values(row, columns, one.value, request.viewer)) or "-",
        }
        for one in found
    ]


def _values(row, columns, values, viewer):
    """A value may lie in two columns; a second one that repeats the first says nothing new."""
    parts = []
    for column, value in zip(columns, values, strict=True):
        name = column.removesuffix("_id") if column in ("call_id", "conference_id") else column
        text = _WORDS[name][bool(value)] if name in _WORDS else said(type(row), name, value, viewer)
        if text and text not in parts:
            parts.append(text)
    return parts
