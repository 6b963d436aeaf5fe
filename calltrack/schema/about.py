"""What the description says before it comes to operations."""

ABOUT = """\
Every call of FreeClimb and CallerDesk as one record, with its legs, conferences and recordings.

**Keys.** Send `Authorization: Bearer <key>`. A key belongs to an integration, whose scopes say
what it opens; each operation names the one that it needs. Without `numbers:full` telephone numbers
are masked, wherever they stand, and found whole or by their last four digits only. An integration
may have two live keys, so that one can take over from the other. Somebody logged in to the desk may
read with the session, as far as their permissions go.

**Lists** are `{"next", "previous", "results"}`, newest first. Follow `next` as it is: it holds the
filters, the size of a page and a signed cursor, and stays right while rows are added. There is no
total, for counting is slow; ask for one by `count` where it is offered.

**Filters.** Each must match. A word given more than once, `status=busy&status=no_answer`, means any
of them. An unknown parameter, a value that cannot be read and a parameter given twice are refused,
never passed over. In a large table a filter that no index answers wants a period of at most 31
days.

**Times** are UTC, ISO 8601, with `Z`. **Numbers** are E.164 where they could be understood
(`…_number`), with the text that was sent beside them (`…_raw`). **Words** are ours, with the
provider's own beside them (`provider_…`). `null` means unknown. New fields and words may come; let
your program pass over those that it does not know.

**Errors** are `application/problem+json` (RFC 9457): all faults at once, each with the parameter or
a pointer into the body. 500 has that shape too, and carries nothing but the apology. A method that
is not there gets 405.

**Streams.** An export ends with the end of a line; one that does not was cut short.

**Limits.** Each key may ask so often a minute, in buckets of their own for reading, writing,
exporting and following changes. Beyond that the answer is 429 with `Retry-After`.

**Trying again.** What writes takes an `Idempotency-Key`: sent again with the same key and body, it
is done once and answered alike. One object has an `ETag`; `If-None-Match` gets 304 while it has not
changed.
"""

TAGS = [
    {"name": "calls", "description": "Calls as the provider counts them."},
    {"name": "legs", "description": "One party's connection in a call."},
    {"name": "conferences", "description": "Conferences, as the provider reports them."},
    {"name": "participants", "description": "Who was in which conference."},
    {"name": "recordings", "description": "Audio of calls and of conferences."},
    {"name": "accounts", "description": "Accounts at providers."},
    {"name": "service-numbers", "description": "Our numbers, with the labels people gave them."},
    {"name": "agents", "description": "Who takes the calls, with the names people gave them."},
    {"name": "tags", "description": "What calls may be tagged with."},
    {"name": "dispositions", "description": "In which words calls turn out."},
    {"name": "changes", "description": "Every change, for those who keep a copy."},
    {"name": "subscriptions", "description": "Who is told of events, and what they were told."},
    {"name": "deliveries", "description": "What providers sent, exactly as it came."},
]

# Component → the choices that it stands for. Words that mean the same have one name everywhere.
ENUMS = {
    "Provider": "calls.choices.Provider",
    "Direction": "calls.choices.Direction",
    "CallStatus": "calls.choices.Status",
    "EndReason": "calls.choices.EndReason",
    "HangupBy": "calls.choices.HangupBy",
    "AnsweredBy": "calls.choices.AnsweredBy",
    "QueueState": "calls.choices.QueueState",
    "Side": "calls.choices.Side",
    "Party": "calls.choices.Party",
    "ConferenceStatus": "calls.choices.ConferenceStatus",
    "ParticipantState": "calls.choices.ParticipantState",
    "RecordingState": "calls.choices.RecordingState",
    "ChangeType": ["call", "leg", "conference", "participant", "recording"],
    "ChangeOperation": ["upsert", "erase"],
    "DeliveryState": "webhooks.models.State",
    "SubscriptionState": "webhooks.subscriptions_api.serializers.SHOWN_STATES",
    "WantedState": "webhooks.subscriptions_api.serializers.SET_STATES",
    "MessageState": "webhooks.subscriptions_api.serializers.MESSAGE_STATES",
}
