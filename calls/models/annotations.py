"""What people write on calls. `calls/annotations.py` is the only writer; ledger and rebuild never
touch these tables, and links to calls have no constraint, so that calls can be made anew."""

from uuid import uuid4

from django.conf import settings
from django.db import models

from .accounts import Integration
from .calls import Call
from .directory import Disposition, Tag


def call_link(related_name):
    return models.ForeignKey(
        Call, models.DO_NOTHING, db_constraint=False, related_name=related_name
    )


def author_link():
    """The user is a row on one node only; the name beside it outlives them."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        db_constraint=False,
        related_name="+",
    )


class CallNote(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    call = call_link("notes")
    text = models.TextField(max_length=5_000)
    author = author_link()
    author_name = models.CharField(max_length=150)
    integration = models.ForeignKey(
        Integration,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Whose key wrote it; there is no author then.",
    )
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self):
        return f"Note by {self.author_name}"


class CallTag(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    call = call_link("call_tags")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="call_tags")

    class Meta:
        constraints = [
            # A call wears a tag once; holds the root.
            models.UniqueConstraint(fields=["call", "tag"], name="call_tag_once"),
        ]

    def __str__(self):
        return str(self.tag_id)


class CallDisposition(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    call = models.OneToOneField(
        Call, models.DO_NOTHING, db_constraint=False, related_name="call_disposition"
    )
    disposition = models.ForeignKey(Disposition, models.PROTECT, related_name="call_dispositions")

    def __str__(self):
        return str(self.disposition_id)


class CallChange(models.Model):
    """Who changed what people wrote on a call, and when. Nobody edits this."""

    class Kind(models.TextChoices):
        NOTE_ADDED = "note_added", "Note added"
        NOTE_EDITED = "note_edited", "Note edited"
        NOTE_DELETED = "note_deleted", "Note deleted"
        TAG_ADDED = "tag_added", "Tag added"
        TAG_REMOVED = "tag_removed", "Tag removed"
        DISPOSITION_SET = "disposition_set", "Disposition set"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    call = call_link("changes")
    at = models.DateTimeField()
    author = author_link()
    author_name = models.CharField(max_length=150)
    kind = models.CharField(max_length=16, choices=Kind)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self):
        return f"{self.get_kind_display()} by {self.author_name}"
