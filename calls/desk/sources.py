"""Calls and answer rate by source, campaign and service number: what a marketer tracks."""

from collections.abc import Iterable

from django import forms
from django.template.response import TemplateResponse
from django.utils import timezone

from calls.models import ServiceNumber, Tally
from calls.tallies import Figures, breakdowns
from calls.tallies.figures import total
from calls.viewer import viewer_of

from .breakdowns import Names, Part, Row, percent, with_shares
from .days import LONGEST, SPANS, Span, between, span

USUAL = "30"
YEARS = (1970, 2199)


class BetweenForm(forms.Form):
    """From one day to another, both included."""

    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last:
            if last < first:
                raise forms.ValidationError("The last day lies before the first.")
            if not YEARS[0] <= first.year <= last.year <= YEARS[1]:
                raise forms.ValidationError(f"Choose years from {YEARS[0]} to {YEARS[1]}.")
            if (last - first).days >= LONGEST:
                raise forms.ValidationError(f"Choose at most {LONGEST} days.")
        return self.cleaned_data


def sources(request, context):
    zone, now = viewer_of(request).zone, timezone.now()
    chosen = span(request.GET.get("period", USUAL), now, zone)
    asked = "first" in request.GET or "last" in request.GET
    form = BetweenForm(request.GET if asked else None)
    if asked and form.is_valid():
        chosen = between(form.cleaned_data["first"], form.cleaned_data["last"], zone)
    by_number = Tally.Dimension.SERVICE_NUMBER
    parts = breakdowns([by_number], chosen.start, chosen.end)[by_number]
    names = Names([(account, number) for account, number, _ in parts], [])
    groups = grouped(parts, names, chosen)
    unnamed = next((group for group in groups if not group.filters), None)
    whole = total(figures for _, _, figures in parts)
    context |= {
        "span": chosen,
        "spans": [
            {"name": name, "words": words, "on": name == chosen.name}
            for name, (_, words) in SPANS.items()
        ],
        "form": form,
        "groups": groups,
        "whole": whole,
        "rate": percent(whole.answer_rate),
        "without": unnamed.figures.calls if unnamed else 0,
        "with_source": _share(whole, unnamed),
    }
    return TemplateResponse(request, "desk/sources.html", context)


def _share(whole: Figures, unnamed: Row | None) -> str:
    if not whole.calls:
        return "–"
    return percent(1 - (unnamed.figures.calls if unnamed else 0) / whole.calls)


def grouped(parts: Iterable[Part], names: Names, chosen: Span) -> list[Row]:
    """Sources, most calls first and those without last; in each its campaigns, in each of these its
    numbers. Numbers without a campaign stand in a row of no name."""
    tree: dict[str, dict[str, list[tuple[ServiceNumber, Figures]]]] = {}
    for account, number, figures in parts:
        service = names.service(account, number)
        campaigns = tree.setdefault(service.source, {})
        campaigns.setdefault(service.campaign, []).append((service, figures))
    rows = [_source(source, campaigns, names, chosen) for source, campaigns in tree.items()]
    rows.sort(key=lambda row: (row.filters is None, -row.figures.calls, row.name))
    return with_shares(rows)


def _source(source, campaigns, names, chosen) -> Row:
    inner = [_campaign(name, numbers, names, chosen) for name, numbers in campaigns.items()]
    inner.sort(key=lambda row: (not row.name, -row.figures.calls, row.name))
    return Row(
        name=source or "No source yet",
        number="",
        figures=sum((row.figures for row in inner), Figures()),
        span=chosen,
        filters={"source": source} if source else None,
        rows=inner,
    )


def _campaign(name, numbers, names, chosen) -> Row:
    rows = [
        Row(
            name=service.label,
            number=service.number,
            figures=figures,
            span=chosen,
            filters={"service_number": service.pk} if service.pk else None,
            account=names.accounts[service.account_id].name,
            known=None if service._state.adding else service.pk,
        )
        for service, figures in numbers
    ]
    whole = sum((row.figures for row in rows), Figures())
    # The list takes one service number: what counts several of them is no link.
    only = rows[0].filters if len(rows) == 1 else None
    return Row(name=name, number="", figures=whole, span=chosen, filters=only, rows=rows)
