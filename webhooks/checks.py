"""System checks of the schema rules that keep the way to a distributed PostgreSQL open.

They run on every engine, so that a migration which closes that way is noticed at once.
"""

from collections.abc import Iterable

from django.apps import apps
from django.core.checks import Error
from django.db import models

from calls.models import (
    Account,
    Agent,
    ApiKey,
    Call,
    CallChange,
    CallDisposition,
    CallNote,
    CallTag,
    ChangeFeed,
    ChangeSet,
    Conference,
    CountingTurn,
    Disposition,
    IdempotentAnswer,
    Integration,
    Leg,
    MissedCustomer,
    Participant,
    Recording,
    SavedView,
    ServiceNumber,
    StaleSlot,
    Tag,
    Tally,
    ViewPin,
)
from calltrack.models import AuditEntry, Job, Profile

from .models import (
    Attempt,
    CallScript,
    Delivery,
    DispatchTurn,
    Endpoint,
    EndpointHour,
    Message,
    Secret,
    Subscription,
)

# Large tables and their write-once root: rows of one root lie on one node.
ROOTS = {
    Call: "id",
    Conference: "id",
    Recording: "id",
    Leg: "call",
    Participant: "conference",
    Delivery: "subject",
    CallNote: "call",
    CallTag: "call",
    CallDisposition: "call",
    CallChange: "call",
    EndpointHour: "id",
    Tally: "id",
    StaleSlot: "id",
    MissedCustomer: "id",
    AuditEntry: "id",
    Job: "id",
    ChangeSet: "id",
    IdempotentAnswer: "id",
    Message: "id",
    Attempt: "message",
}
# Small tables, of which every node has a copy.
REFERENCES = {
    Account,
    Agent,
    ApiKey,
    CallScript,
    ChangeFeed,
    CountingTurn,
    DispatchTurn,
    Disposition,
    Endpoint,
    Integration,
    Profile,
    SavedView,
    Secret,
    ServiceNumber,
    Subscription,
    Tag,
    ViewPin,
}


def check_schema(app_configs=None, **kwargs) -> list[Error]:
    own = {m for m in _own_models() if not m._meta.auto_created}
    found = [
        _error(model, "is neither in ROOTS nor in REFERENCES of webhooks/checks.py", 1)
        for model in own - set(ROOTS) - REFERENCES
    ]
    return found + list(rule_violations(own, ROOTS, REFERENCES))


def rule_violations(own: Iterable[type], roots: dict[type, str], references: set[type]):
    """An error for each rule that a model of `own` breaks."""
    for model in own:
        if not isinstance(model._meta.pk, models.UUIDField):
            yield _error(model, "has a key that is no UUID made by the application", 2)
        for many in model._meta.local_many_to_many:
            if many.remote_field.through._meta.auto_created:
                yield _error(model, f"has an automatic link table for {many.name}", 3)
        if model in roots:
            yield from _unique_without_root(model, roots[model])
        for field in model._meta.local_concrete_fields:
            if field.is_relation and field.db_constraint:
                yield from _constrained_link(model, field, roots, references)


def _unique_without_root(model: type, root: str):
    for constraint in model._meta.total_unique_constraints:
        if root not in constraint.fields:
            yield _error(model, f"has {constraint.name}, which lacks the root {root}", 4)
    for field in model._meta.local_concrete_fields:
        if field.unique and not field.primary_key and field.name != root:
            yield _error(model, f"has the unique column {field.name} beside its root {root}", 4)


def _constrained_link(model: type, field: models.Field, roots, references):
    target = field.related_model
    if model in roots:
        to_root = field.name == roots[model] and roots.get(target) == "id"
        if not to_root and target not in references:
            yield _error(model, f"constrains {field.name}, which may be on another node", 5)
    elif target in roots:
        yield _error(model, f"constrains {field.name}, a link to a distributed table", 5)


def _own_models() -> set[type]:
    labels = ("calls", "webhooks", "calltrack")
    return {model for label in labels for model in apps.get_app_config(label).get_models()}


def _error(model: type, text: str, number: int) -> Error:
    return Error(f"{model._meta.label} {text}.", obj=model, id=f"webhooks.E00{number}")
