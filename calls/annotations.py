"""What people write on calls, and the only writer of it. Each change is kept, with what stood there
before, in the transaction that makes it: nobody's words are lost to somebody else's.

`by` is whoever writes: a user, or the integration whose key it is.
"""

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.timezone import now

from .feed import notes
from .models import (
    Agent,
    Call,
    CallChange,
    CallDisposition,
    CallNote,
    CallTag,
    Disposition,
    Integration,
    ServiceNumber,
    Tag,
)

Kind = CallChange.Kind
Writer = AbstractUser | Integration


class NotYours(Exception):
    """Somebody else's note."""


@transaction.atomic
def add_note(call: Call, by: Writer, text: str) -> CallNote:
    written_by = {"integration" if isinstance(by, Integration) else "author": by}
    note = CallNote.objects.create(
        call=call, text=text, **written_by, author_name=_name(by), created_at=now()
    )
    _keep(call.pk, by, Kind.NOTE_ADDED, after=text)
    return note


@transaction.atomic
def edit_note(note_id, by: Writer, text: str) -> CallNote:
    """Raises CallNote.DoesNotExist, NotYours."""
    note = _own_note(note_id, by)
    if note.text == text:
        return note
    _keep(note.call_id, by, Kind.NOTE_EDITED, before=note.text, after=text)
    note.text, note.edited_at = text, now()
    note.save(update_fields=["text", "edited_at"])
    return note


@transaction.atomic
def delete_note(note_id, by: Writer) -> None:
    """Raises CallNote.DoesNotExist, NotYours."""
    note = _own_note(note_id, by)
    _keep(note.call_id, by, Kind.NOTE_DELETED, before=note.text)
    note.delete()


def may_write(note: CallNote, by: Writer) -> bool:
    """One's own notes; a note whose author is gone is nobody's, whoever has no id either."""
    if isinstance(by, Integration):
        return note.integration_id is not None and note.integration_id == by.pk
    return by.is_superuser or (note.author_id is not None and note.author_id == by.pk)


def _own_note(note_id, by):
    """Locked: of two who change it the second one sees what the first wrote."""
    note = CallNote.objects.select_for_update().get(pk=note_id)
    if not may_write(note, by):
        raise NotYours
    return note


@transaction.atomic
def set_tags(call: Call, by: Writer, *, add=(), remove=()) -> None:
    """Tags by what changes, not as a whole: what somebody else put on meanwhile stays on."""
    for tag in sorted(add, key=lambda tag: tag.pk):
        _, created = CallTag.objects.get_or_create(call=call, tag=tag)
        if created:
            _keep(call.pk, by, Kind.TAG_ADDED, after=tag.name)
    for tag in sorted(remove, key=lambda tag: tag.pk):
        deleted, _ = CallTag.objects.filter(call=call, tag=tag).delete()
        if deleted:
            _keep(call.pk, by, Kind.TAG_REMOVED, before=tag.name)


def tag_named(name: str) -> Tag:
    """The tag of that name in whatever case, made where there is none."""
    return Tag.objects.filter(name__iexact=name).first() or Tag.objects.get_or_create(name=name)[0]


@transaction.atomic
def set_disposition(call: Call, by: Writer, disposition: Disposition | None) -> None:
    """How the call turned out; None takes it back."""
    rows = CallDisposition.objects.select_for_update().filter(call=call)
    if disposition is None:
        row = rows.first()
        if row:
            before = row.disposition.name
            row.delete()
            _keep(call.pk, by, Kind.DISPOSITION_SET, before=before)
        return
    row, created = rows.get_or_create(call=call, defaults={"disposition": disposition})
    if not created and row.disposition_id == disposition.pk:
        return
    before = "" if created else row.disposition.name
    row.disposition = disposition
    row.save(update_fields=["disposition"])
    _keep(call.pk, by, Kind.DISPOSITION_SET, before=before, after=disposition.name)


@transaction.atomic
def set_labels(row: ServiceNumber | Agent, **labels: str) -> ServiceNumber | Agent:
    """What our numbers and agents are called. Of several columns only these are written."""
    if labels:
        for column, text in labels.items():
            setattr(row, column, text)
        row.save(update_fields=list(labels))
    return row


def _name(by: Writer) -> str:
    return by.name if isinstance(by, Integration) else by.get_username()


def _keep(call_id, by, kind, *, before="", after=""):
    CallChange.objects.create(
        call_id=call_id,
        at=now(),
        author=None if isinstance(by, Integration) else by,
        author_name=_name(by),
        kind=kind,
        before=before,
        after=after,
    )
    for revision in Call.objects.filter(pk=call_id).values_list("revision", flat=True):
        notes.note([["call", call_id.hex, revision, [notes.CHANGED]]])
