"""What hangs on the objects of a page, read for all of them at once."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Model, Prefetch, QuerySet, prefetch_related_objects


def put_beneath(
    objects: Sequence[Model], relation: str, rows: QuerySet, each: int, at_once: int
) -> None:
    """Under each object, as `shown_…`, the first of its rows, at most `each`. To cut off those of
    each takes a statement that costs three times the plain one: where there are more than `at_once`
    in all."""
    if not objects:
        return
    key, source = objects[0]._meta.get_field(relation).field, f"shown_{relation}"
    found = list(rows.filter((f"{key.name}__in", objects))[: at_once + 1])
    if len(found) > at_once:
        prefetch_related_objects(objects, Prefetch(relation, rows[:each], source))
        return
    by_owner = defaultdict(list)
    for row in found:
        by_owner[getattr(row, key.attname)].append(row)
    for one in objects:
        beneath = by_owner[one.pk][:each]
        for row in beneath:
            if not key.is_cached(row):  # joined by the caller, with what it needs
                setattr(row, key.name, one)
        setattr(one, source, beneath)
