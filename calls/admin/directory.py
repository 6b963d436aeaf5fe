"""What people call service numbers and agents, and the words they put on calls."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.text import capfirst

from calls import tallies
from calls.desk import periods
from calls.models import (
    Agent,
    ServiceNumber,
    Tally,
)
from calls.numbers import e164
from calls.search import SHORTEST_END, digits_of, seen, spellings
from calltrack.admin import SturdyAdmin

WEEK = periods.Period.WEEK


class Suggesting(forms.TextInput):
    """A text, with those that are in use offered. A list of many such fields has one offer."""

    def __init__(self, model, column):
        super().__init__(attrs={"size": 16, "list": f"known-{column}"})
        self.offer = Offer(model, column)

    def render(self, name, value, attrs=None, renderer=None):
        return super().render(name, value, attrs, renderer) + self.offer.once()


class Offer:
    """The texts of a column, written into a page once."""

    most = 200

    def __init__(self, model, column):
        self.model, self.column, self.given = model, column, False

    def __deepcopy__(self, memo):
        return self  # each field of a list has a copy of the widget, and this in common

    def once(self):
        if self.given:
            return ""
        self.given = True
        texts = self.model.objects.exclude(**{self.column: ""}).order_by(self.column)
        texts = texts.values_list(self.column, flat=True).distinct()[: self.most]
        options = format_html_join("", '<option value="{}">', ((text,) for text in texts))
        return format_html('<datalist id="known-{}">{}</datalist>', self.column, options)


class NewNumberForm(forms.ModelForm):
    """A number that nobody has called or heard of yet, with the key it would get."""

    def clean(self):
        given = super().clean()
        account, typed = given.get("account"), given.get("number", "").strip()
        if not account or not typed:
            return given
        given["number"] = e164(typed, account.region) or ""
        if not given["number"]:
            self.add_error("number", "This is no full telephone number of the account's country.")
            return given
        if self._meta.model.objects.filter(account=account, number=given["number"]).exists():
            self.add_error("number", "This number is in the list already.")
        return given


def once(request, column):
    """The first function of this name in a request: a form asks twice what it shows, and compares
    functions."""
    kept = request.__dict__.setdefault("columns", {})
    return kept.setdefault(column.__name__, column)


class NumbersAdmin(SturdyAdmin):
    """Rows appear by themselves when a number is first heard of. People name them; the number and
    its account are what they are."""

    dimension = ""  # of the tallies
    filter_name = ""  # of the list of calls
    named_by = ()  # columns that people fill
    list_per_page = 50
    actions = None
    list_select_related = ["account"]
    search_help_text = "A name, a whole number, or exactly its last four digits."

    def get_ordering(self, request):
        """By number only for those who see numbers: an order tells something of them."""
        return [*self.named_by, "number" if request.viewer.sees_numbers else "id"]

    show_facets = admin.ShowFacets.NEVER

    def get_list_display(self, request):
        week = self._calls_of_the_week(request)
        return [
            self._number(request),
            *self.names(request),
            *self.told(request),
            week,
            "account__name",
        ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.named_by:  # in a list nothing else names it to a screen reader
            field.widget.attrs["aria-label"] = capfirst(db_field.verbose_name)
        return field

    def names(self, request):
        """What people wrote; numbers in it as others are shown."""
        if request.viewer.sees_numbers or self.has_change_permission(request):
            return self.named_by
        return [self._name(request, column) for column in self.named_by]

    def get_list_display_links(self, request, list_display):
        return [list_display[0]]

    def get_search_results(self, request, queryset, search_term):
        typed = " ".join(search_term.split())
        if not typed:
            return queryset, False
        digits = digits_of(typed) or ""
        found, _ = super().get_search_results(request, queryset, typed)
        if not request.viewer.sees_numbers:  # a number in a name is not guessed digit by digit
            found = queryset.filter(pk__in=seen(typed, found, self.search_fields, request.viewer))
        found |= queryset.filter(number__in=spellings(typed))
        if len(digits) == SHORTEST_END or (
            len(digits) > SHORTEST_END and request.viewer.sees_numbers
        ):
            found |= queryset.filter(number__endswith=digits)
        return found, False

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return ()
        written = self.names(request)
        return [
            *(self._number(request), "account", "created_at", *self.told(request)),
            *(self._calls(request), *(one for one in written if callable(one))),
        ]

    def told(self, request):
        return ()

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["account", "number", *self.named_by]
        further = "created_at", *self.told(request), self._calls(request)
        return [self._number(request), "account", *self.names(request), *further]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs["form"] = NewNumberForm
        return super().get_form(request, obj, change, **kwargs)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and request.viewer.sees_numbers

    def _number(self, request):
        @admin.display(description="Number")
        def number(row):
            return request.viewer.number(row.number)

        return once(request, number)

    def _name(self, request, column):
        @admin.display(description=column.capitalize(), ordering=column)
        def name(row):
            return request.viewer.text(getattr(row, column))

        name.__name__ = f"{column}_shown"
        return once(request, name)

    def _calls_of_the_week(self, request):
        """Figures of all rows by one question, asked for when the first is shown."""
        figures = {}

        @admin.display(description="Calls, last 7 days")
        def calls(row):
            if not figures:
                first, last = periods.days(WEEK)
                told = tallies.breakdown(self.dimension, periods.begin(first), periods.end(last))
                figures.update({(account, number): one for account, number, one in told})
                figures.setdefault(None, None)  # asked, though nobody called
            found = figures.get((row.account_id, row.number))
            text = f"{found.calls:,}" if found else "0"
            return self._link(row, text, {"period": WEEK.value})

        return calls

    def _calls(self, request):
        @admin.display(description="Calls")
        def calls(row):
            return self._link(row, "Show them in the list", {})

        return once(request, calls)

    def _link(self, row, text, further):
        query = urlencode({self.filter_name: row.pk, **further})
        return format_html('<a href="{}?{}">{}</a>', reverse(LIST), query, text)


LIST = "admin:calls_call_changelist"


@admin.register(ServiceNumber)
class ServiceNumberAdmin(NumbersAdmin):
    dimension = Tally.Dimension.SERVICE_NUMBER
    filter_name = "service_number"
    named_by = ("label", "source", "campaign")
    list_display = [
        "__str__",
        *named_by,
    ]  # Django checks it; get_list_display puts the number first
    list_editable = ["label", "source", "campaign"]
    search_fields = ["label", "source", "campaign"]
    sortable_by = ["label", "source", "campaign"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name in ("source", "campaign"):
            kwargs["widget"] = Suggesting(ServiceNumber, db_field.name)
        elif db_field.name == "label":
            kwargs["widget"] = forms.TextInput(attrs={"size": 20})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Agent)
class AgentAdmin(NumbersAdmin):
    dimension = Tally.Dimension.AGENT
    filter_name = "agent"
    named_by = ("name",)
    list_display = ["__str__", *named_by]
    list_editable = ["name"]
    search_fields = ["name", "heard_name"]
    sortable_by = ["name"]

    def told(self, request):
        @admin.display(description="Called by the provider")
        def heard(row):
            return request.viewer.text(row.heard_name) or "–"

        return [once(request, heard)]
