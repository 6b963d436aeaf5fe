"""The list as a page."""

from urllib.parse import urlencode

from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from calls.desk.paging import Pager
from calls.desk.periods import Period

from .filtered import SEARCH, Filtered
from .neighbours import MARK
from .panel import faults, groups, hidden, shortcuts
from .rows import by_day, rows

PER_PAGE = 50
LIST = "admin:calls_call_changelist"


class Listed:
    """What tests and templates of Django's lists call `cl`: the calls on this page."""

    def __init__(self, result_list):
        self.result_list = result_list


def changelist(request, context):
    """Answers with the list, or leads to the one call, customer or agent that was searched for."""
    filtered = Filtered(request.GET, request.viewer)
    found = filtered.found
    if found.call:
        return redirect("admin:calls_call_change", found.call)
    if found.instead:  # so that no number stays in the address
        return redirect(f"{reverse(LIST)}?{filtered.query(without=[SEARCH], **found.instead)}")
    how = {"time": "begun_at", "size": PER_PAGE, "walk": filtered.walk, "ways": filtered.ways}
    pager = Pager(request, filtered.queryset, **how)
    query = filtered.query()
    own = {
        "title": "Calls",
        "filtered": filtered,
        "query": query,
        "panel": groups(filtered),
        "hidden": hidden(filtered),
        "faults": faults(filtered),
        "shortcuts": shortcuts(filtered),
        "hints": _hints(filtered),
        "pager": pager,
        "count": pager.count(filtered.to_count),
        "days": by_day(rows(pager.rows, request.viewer)),
        "cl": Listed(pager.rows),
        "mark": urlencode({MARK: query}),
        "last_31_days": "?" + filtered.query(without=_LONGER, period=Period.LONGEST.value),
        "search_term": filtered.search_text,
    }
    return TemplateResponse(request, "admin/calls/call/change_list.html", context | own)


_LONGER = ("since", "until", "begun_at__gte", "begun_at__lt")


def _hints(filtered) -> list[tuple[str, str]]:
    """What else the text, or the customer's number, may stand for."""
    hints = [
        (words, f"?{filtered.query(without=[SEARCH], **instead)}")
        for words, instead in filtered.found.hints
    ]
    if number := filtered.filterset.in_force.get("customer_of"):
        for offer in filtered.offered.of_number(number):
            kind = "Agent" if offer.kind == "agent" else "Service number"
            url = filtered.query(without=["customer_of"], **{offer.kind: str(offer.id)})
            hints.append((f"{kind} {offer.words(filtered.viewer)}", f"?{url}"))
    return hints
