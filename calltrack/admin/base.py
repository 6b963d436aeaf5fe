"""What the admins of both apps share: quick on a million rows, read-only where programs write."""

import json
import re

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import NotRelationField, get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.db import DataError, models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.text import capfirst

MOST_LISTED = 100  # rows of another table on one object's page


class CappedPaginator(Paginator):
    """Counts no further than people turn pages."""

    cap = 10_000

    @cached_property
    def count(self):
        return self.object_list.order_by()[: self.cap].count()


class SturdyChangeList(ChangeList):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = capfirst(self.opts.verbose_name_plural)

    def get_results(self, request):
        try:
            super().get_results(request)
        except (DataError, OverflowError) as error:  # a NUL; a time before the calendar begins
            raise IncorrectLookupParameters(error) from error


class SturdyAdmin(admin.ModelAdmin):
    """Nonsense in a list's address or form is answered with the list."""

    def get_changelist(self, request, **kwargs):
        return SturdyChangeList

    def lookup_allowed(self, lookup, value, request):
        """Whole values, and times by range: no LIKE, and nobody finds out a masked number by asking
        for its beginning, digit by digit."""
        path, _, how = lookup.rpartition("__")
        ranges = how in ("gt", "gte", "lt", "lte")
        whole = path if how in ("exact", "in", "isnull") or ranges else lookup
        try:
            field = get_fields_from_path(self.model, whole)[-1]
        except (FieldDoesNotExist, NotRelationField):
            return False
        if ranges and not isinstance(field, models.DateField):
            return False
        return super().lookup_allowed(lookup, value, request)

    def response_action(self, request, queryset):
        for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
            if not _readable_as(self.opts.pk, [chosen]):
                self.message_user(request, f"{chosen!r} is no id.", messages.ERROR)
                return None
        return super().response_action(request, queryset)


class BigAdmin(SturdyAdmin):
    """A table of any size. No full count, no sorting by what no index holds, no LIKE:
    `search_fields` are `…__exact`, and what was typed is one term."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    sortable_by = ()
    deferred = ()  # what a list need not read

    def get_queryset(self, request):
        return super().get_queryset(request).defer(*self.deferred)

    def get_search_results(self, request, queryset, search_term):
        terms = self.search_terms(search_term.strip())
        lookups = [name.removesuffix("__exact") for name in self.get_search_fields(request)]
        if not terms or not lookups:
            return queryset, False
        condition = Q(pk__in=[])
        for lookup in lookups:
            if values := _readable_as(get_fields_from_path(self.model, lookup)[-1], terms):
                condition |= self._where(lookup, values)
        return queryset.filter(condition), False

    def _where(self, lookup: str, values: list) -> Q:
        """What lies in another table is looked up there first: to ask for either of two tables'
        columns at once is to read one of them whole."""
        relation, _, column = lookup.rpartition("__")
        if not relation:
            return Q((f"{lookup}__in", values))
        there = get_fields_from_path(self.model, relation)[-1].related_model
        keys = there._default_manager.filter((f"{column}__in", values)).order_by()
        return Q((f"{relation}__in", list(keys.values_list("pk", flat=True))))

    def search_terms(self, typed: str) -> list[str]:
        """The spellings under which what was typed may be stored; none for nothing."""
        return [typed] if typed else []


def _readable_as(field, terms):
    values = []
    for term in terms:
        try:
            values.append(field.to_python(term))
        except ValidationError:  # no UUID, for instance
            continue
    return values


class ReadOnlyAdmin(BigAdmin):
    """For people to look at. `further` is what other apps show on an object's page: pairs of the
    permission that it takes and a function of the object."""

    further = ()

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fieldsets(self, request, obj=None):
        own = super().get_fieldsets(request, obj)
        shown = [show for permission, show in self.further if request.user.has_perm(permission)]
        return [*own, ("Inbox", {"fields": shown})] if shown else own


def link(thing, text=None):
    """To a row's page."""
    meta = thing._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[thing.pk])
    return format_html('<a href="{}">{}</a>', address, text or str(thing))


def link_to_list(model, text, **filters):
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(filters), text)


def links(rows, describe=str, more=""):
    """A queryset as a list of links, bounded; `more` is shown where the bound is met."""
    rows = list(rows[: MOST_LISTED + 1])
    if not rows:
        return "-"
    items = [link(row, describe(row)) for row in rows[:MOST_LISTED]]
    if len(rows) > MOST_LISTED:
        items.append(more or "and more")
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", zip(items)))


def pretty(value):
    """JSON of our own making."""
    return preformatted(json.dumps(value, indent=2, ensure_ascii=False))


def preformatted(text):
    return format_html("<pre>{}</pre>", text)


_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


MOST_INDENTED = 2_000_000  # characters
NOT_INDENTED = "(Nested too deeply to be laid out: shown as it came.)\n"


def indent_json(text: str) -> str:
    """Somebody else's JSON, laid out. Only the space between tokens changes: a number keeps its
    zeros and a key that comes twice is shown twice. What is no JSON comes back as it is."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    out, depth, before, size = [], 0, "", len(text)
    for token in _JSON_TOKEN.findall(text):
        if token in ("}", "]"):
            depth -= 1
            breaks = before not in ("{", "[")
        else:
            breaks = before in ("{", "[", ",")
        if breaks:
            out.append("\n" + "  " * depth)
            size += len(out[-1])
            if size > MOST_INDENTED:
                return NOT_INDENTED + text
        if token in ("{", "["):
            depth += 1
        out.append(": " if token == ":" else token)
        before = token
    return "".join(out)
