"""What a list may be asked for when its table is big, and how many rows a page may look at."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django_filters import rest_framework as filters
from django_filters import utils

from calls import permissions
from calls.keyset import Walk
from calls.sizes import LONGEST, is_big

from .filters import LengthFilter, MomentFilter

COMPARED = {"gte": "at or after", "gt": "after", "lte": "at or before", "lt": "before"}
MEASURED = {"gte": "at least", "gt": "more than", "lte": "at most", "lt": "less than"}
TIMES = LENGTHS = list(COMPARED)
FEW = 1_000  # rows that may be read and sorted, wherever they lie
FEWER = 5  # so many times fewer rows are looked at where each costs much


class RuledFilterSet(filters.FilterSet):
    """Of each filter it is known what answers it:

    * `narrow`: an index, and it leaves so few rows that anything may refine them;
    * `ordered`: an index that holds its rows in the order of the list, some values of it at least;
    * `probed`: an index, in another order; whether it leaves few rows is looked up;
    * `common`: none, but mostly a page is full at once; it looks no further than for those below;
    * `indexed`: an index, or so many rows match that a page is always full at once.

    All others refine. On a big table they want a short period or a narrow filter, and a page looks
    at a bounded number of rows for them.
    """

    newest_by = "created_at"
    narrow = frozenset()
    ordered = ()
    common = frozenset()
    costly = frozenset()  # of the refining ones those that look into other tables
    probed = ()
    branched = frozenset()  # of the probed ones those that several indexes answer together
    indexed = frozenset()

    def __init__(self, *args, sees_numbers: bool | None = None, **kwargs):
        """`sees_numbers`: are full numbers the asker's to search by? None: as the request says, and
        not without one."""
        super().__init__(*args, **kwargs)
        if sees_numbers is None:
            sees_numbers = self.request is not None and permissions.sees_numbers(self.request)
        self.sees_numbers = sees_numbers

    @classmethod
    def filter_for_field(cls, field, field_name, lookup_expr=None):
        one = super().filter_for_field(field, field_name, lookup_expr)
        if isinstance(one, MomentFilter):
            told = (
                f"`{field_name}` {COMPARED[lookup_expr]} this moment. UTC where no zone is named."
            )
        elif isinstance(one, LengthFilter):
            told = f"`{field_name}` {MEASURED[lookup_expr]} this: seconds, or 3:20, or 1:02:03."
        else:
            return one
        one.extra["help_text"] = told
        return one

    @property
    def in_force(self) -> dict:
        """Name → what was chosen, of the filters that restrict anything."""
        return {
            name: value
            for name, value in self.form.cleaned_data.items()
            if value not in (None, "", [], ())
        }

    @classmethod
    def period_names(cls) -> frozenset[str]:
        return frozenset(f"{cls.newest_by}__{way}" for way in COMPARED)

    @property
    def refining(self) -> list[str]:
        """The filters in force that no index of their own answers."""
        answered = {*self.narrow, *self.ordered, *self.probed, *self.common, *self.indexed}
        answered |= self.period_names()
        return [name for name in self.in_force if name not in answered]

    @property
    def is_narrow(self) -> bool:
        return not self.narrow.isdisjoint(self.in_force)

    @property
    def is_short(self) -> bool:
        """At most 31 days."""
        lower, upper = (list(filter(None, bounds)) for bounds in self._bounds())
        return bool(lower) and min(upper) - max(lower) <= LONGEST

    def _bounds(self) -> tuple[list, list]:
        """Moments after and before which the rows lie; None where none is given."""
        given = self.in_force
        lower = [given.get(f"{self.newest_by}__{way}") for way in ("gte", "gt")]
        upper = [given.get(f"{self.newest_by}__{way}") for way in ("lte", "lt")]
        return lower, [*upper, now()]

    @property
    def needs_period(self) -> bool:
        """Would it have to read through a big table?"""
        asks = bool(self.refining) and not self.is_short and not self.is_narrow
        return asks and is_big(self.queryset.model)

    def faults(self) -> dict[str, list[str]]:
        """Parameter → what is wrong with it."""
        if not self.is_valid():
            return utils.translate_validation(self.errors).detail
        if not self.needs_period:
            return {}
        time = self.newest_by
        wanted = f"a period of at most 31 days ({time}__gte, {time}__lt)"
        if self.narrow:
            wanted += f" or one of {', '.join(sorted(self.narrow))}"
        return {name: [f"No index answers this: it needs {wanted}."] for name in self.refining}

    def walk(self, among: Q | None = None) -> Walk | None:
        """How far a page looks; None where an index leads to what was asked for. `among` is what
        the list holds anyway, if an index has that in its order."""
        given = self.in_force
        asked = given.keys() - self.period_names()
        if not asked or self.is_narrow:
            return None
        leader = next((name for name in self.ordered if self._leads(name)), None)
        alone = len(asked) == 1 and (leader or not (self.refining or self.common & asked))
        if alone and self.branched.isdisjoint(asked):
            return None
        if any(self._leaves_few(name) for name in self.probed if name in given):
            return None
        base = self._plain()
        if leader:
            base = self.filters[leader].filter(base, given[leader])
        elif among is not None:
            base = base.filter(among)
        # What a leader finds lies scattered over the table.
        costs = leader or not self.costly.isdisjoint(asked)
        return Walk(base, max(settings.ROWS_A_PAGE_LOOKS_AT // (FEWER if costs else 1), 1))

    def _leads(self, name: str) -> bool:
        """Is there one entry of the index that holds all that it asks for?"""
        value = self.in_force.get(name)
        if leads := getattr(self.filters.get(name), "leads", None):
            return leads(value)
        if isinstance(value, list):
            return len(value) == 1
        return value is not None and value is not False

    def _leaves_few(self, name: str) -> bool:
        one, value, rows = self.filters[name], self.in_force[name], self.queryset.model.objects
        if name in self.branched:
            parts = [rows.filter(part) for part in one.branches(rows.model, value)]
        else:
            parts = [one.filter(rows.all(), value)]
        return not any(part.order_by()[FEW : FEW + 1].exists() for part in parts)

    def _plain(self):
        """All rows of the period, nothing joined."""
        rows = self.queryset.model.objects.order_by()
        for name in self.period_names() & self.in_force.keys():
            rows = self.filters[name].filter(rows, self.in_force[name])
        return rows

    class Meta:
        filter_overrides = {
            models.DateTimeField: {"filter_class": MomentFilter},
            models.BigIntegerField: {"filter_class": LengthFilter},
        }
