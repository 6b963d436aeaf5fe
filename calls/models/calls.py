from django.db import models
from django.db.models import Q

from calls.choices import (
    AnsweredBy,
    Direction,
    EndReason,
    HangupBy,
    Party,
    QueueState,
    Side,
    Status,
)

from .accounts import Account
from .base import MergedModel


class Call(MergedModel):
    """One call as the provider counts them: a FreeClimb Call, a CallerDesk CallSid.

    Text columns are "" and others NULL where nobody said anything. `claims` tells who said what.
    """

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="calls",
        db_index=False,  # call_by_account begins with it
    )
    provider_call_id = models.CharField(max_length=255)
    parent = models.ForeignKey(
        "self",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,  # another root: it may live on another node
        db_index=False,  # call_by_parent
        related_name="children",
    )
    parent_provider_call_id = models.CharField(max_length=255, blank=True)
    is_root = models.BooleanField(
        default=True, help_text="Listed by itself: it has no parent, or its parents form a loop."
    )
    direction = models.CharField(max_length=16, choices=Direction, default=Direction.UNKNOWN)

    status = models.CharField(max_length=16, choices=Status, default=Status.UNKNOWN)
    provider_status = models.CharField(max_length=255, blank=True)
    is_over = models.BooleanField(default=False, help_text="Its end was reported.")
    end_reason = models.CharField(max_length=32, choices=EndReason, blank=True)
    provider_end_reason = models.CharField(max_length=255, blank=True)
    provider_error_code = models.CharField(max_length=255, blank=True)
    hangup_by = models.CharField(max_length=16, choices=HangupBy, blank=True)
    missed = models.BooleanField(default=False, help_text="Inbound, over, and nobody answered.")
    flagged = models.BooleanField(default=False, help_text="Something looks wrong: see the flags.")

    from_number = models.CharField(max_length=255, blank=True, help_text="E.164 or as sent.")
    from_raw = models.CharField(max_length=255, blank=True)
    to_number = models.CharField(max_length=255, blank=True, help_text="E.164 or as sent.")
    to_raw = models.CharField(max_length=255, blank=True)
    customer_number = models.CharField(max_length=255, blank=True)
    service_number = models.CharField(max_length=255, blank=True)
    customer_digits = models.CharField(
        max_length=255, blank=True, help_text="The customer's digits, last first: found by the end."
    )
    agent_number = models.CharField(max_length=255, blank=True, help_text="E.164 or as sent.")
    agent_name = models.CharField(max_length=255, blank=True)
    agent_answered = models.BooleanField(
        null=True, help_text="Did this agent take it, or did it only ring there?"
    )

    begun_at = models.DateTimeField(help_text="Its start, else when we first heard of it.")
    started_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    duration_seconds = models.BigIntegerField(null=True)
    talk_seconds = models.BigIntegerField(null=True)
    waited_seconds = models.BigIntegerField(
        null=True, help_text="From the start to the answer, or to the end if nobody answered."
    )

    answered_by = models.CharField(max_length=8, choices=AnsweredBy, blank=True)
    group_name = models.CharField(max_length=255, blank=True)
    ivr_keys = models.CharField(max_length=255, blank=True)
    queue_state = models.CharField(max_length=8, choices=QueueState, blank=True)
    queue_id = models.CharField(max_length=255, blank=True)
    cost_amount = models.BigIntegerField(null=True)
    cost_unit = models.CharField(max_length=16, blank=True)

    phone_number_id = models.CharField(max_length=255, blank=True)
    application_id = models.CharField(max_length=255, blank=True)
    provider_request_id = models.CharField(max_length=255, blank=True)
    provider_created_at = models.DateTimeField(null=True)
    provider_updated_at = models.DateTimeField(null=True)
    provider_revision = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-begun_at", "-id"]
        # A write of a call pays for all of these, unless it changes none of their columns and there
        # is room on its page (fillfactor 70). So no column that tells of progress is here.
        indexes = [
            # The list of conversations, the API's of all calls, any filter within a period. Four of
            # five calls are conversations; the last column tells which without reading the call.
            models.Index(fields=["-begun_at", "-id", "is_root"], name="call_newest_first"),
            # The calls that a call dialled; most have no parent.
            models.Index(
                fields=["parent"], condition=Q(parent__isnull=False), name="call_by_parent"
            ),
            # One account's calls, newest first.
            models.Index(fields=["account", "-begun_at", "-id"], name="call_by_account"),
            # "Give me the call that FreeClimb calls CA…": an account is not always at hand.
            models.Index(fields=["provider_call_id"], name="call_by_provider_id"),
            # All calls with one customer, newest first.
            models.Index(fields=["customer_number", "-begun_at"], name="call_by_customer"),
            # All calls of one service number, newest first. The last two columns let the list be
            # counted, up to its cap, without reading calls that lie scattered over the table.
            models.Index(
                fields=["service_number", "-begun_at", "-id", "account", "is_root"],
                name="call_by_service_number",
            ),
            # "Either end is this number": each end has its own.
            models.Index(fields=["from_number", "-begun_at"], name="call_by_from"),
            models.Index(fields=["to_number", "-begun_at"], name="call_by_to"),
            # The last digits of a customer's number. What it finds is sorted then, and counted:
            # without the last two columns each of them would be read, wherever it lies.
            models.Index(
                fields=["customer_digits", "-begun_at", "-id", "is_root"],
                name="call_by_last_digits",
            ),
            # One agent's calls, newest first; counted likewise.
            models.Index(
                fields=["agent_number", "-begun_at", "-id", "account", "is_root"],
                name="call_by_agent",
            ),
            # The live board; of ten million calls a few hundred.
            models.Index(fields=["-begun_at", "-id"], condition=Q(is_over=False), name="call_live"),
            # Missed calls, newest first.
            models.Index(fields=["-begun_at", "-id"], condition=Q(missed=True), name="call_missed"),
            # What looks wrong, newest first.
            models.Index(
                fields=["-begun_at", "-id"], condition=Q(flagged=True), name="call_flagged"
            ),
        ]
        permissions = [
            ("see_full_numbers", "Can see full telephone numbers"),
            ("reveal_number", "Can reveal the numbers of one call, which is written down"),
            ("annotate_call", "Can write notes, tags and dispositions"),
            ("export_call", "Can export calls"),
        ]

    def __str__(self):
        return self.provider_call_id


class Leg(MergedModel):
    """One party's connection. CallerDesk reports legs A and B of a call; at FreeClimb every call is
    one connection: leg a of itself, or leg b of its parent once that is known."""

    call = models.ForeignKey(
        Call,
        models.CASCADE,
        related_name="legs",
        db_index=False,  # leg_connection_once begins with it
    )
    side = models.CharField(max_length=1, choices=Side)
    connected_call = models.ForeignKey(
        Call,
        models.DO_NOTHING,
        db_constraint=False,  # another root: it may live on another node
        db_index=False,  # such a leg lies under its call or that call's parent
        related_name="connections",
        help_text="The call that is this connection: FreeClimb's child, else the call itself.",
    )
    party = models.CharField(max_length=8, choices=Party, default=Party.UNKNOWN)
    number = models.CharField(max_length=255, blank=True, help_text="E.164 or as sent.")
    raw_number = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.UNKNOWN)
    started_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["call_id", "side", "started_at", "id"]
        constraints = [
            # One row per connection of a call; the upsert's target, holding the root.
            models.UniqueConstraint(
                fields=["call", "side", "connected_call"], name="leg_connection_once"
            ),
        ]
        indexes = [
            # The API's list of legs, newest first.
            models.Index(fields=["-created_at", "-id"], name="leg_newest_first"),
        ]

    def __str__(self):
        return f"leg {self.side} of {self.call_id}"
