"""Calls, recordings, conferences and their participants."""

from uuid import UUID

from django.db.models import Model, Q
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from calls.keys import call_key, conference_key, participant_key, recording_key
from calls.models import Call, Conference, Participant, Recording

from . import filters, resources
from .base import FreeClimbView, ListView
from .errors import NO_CALL, NO_CONFERENCE, NO_RECORDING, Error, NotThere
from .paging import Listed
from .resources import Reader


def one(model: type[Model], key, error: Error, reader: Reader):
    """The row with this key, of this account. Raises NotThere."""
    found = model.objects.defer("claims").filter(pk=key, account=reader.account).first()
    if found is None:
        name = model._meta.verbose_name
        raise NotThere(error, f"This account has no {name} of this id.")
    return found


def one_call(call_id: str, reader: Reader) -> Call:
    return one(Call, call_key(reader.account.pk, call_id), NO_CALL, reader)


def one_conference(conference_id: str, reader: Reader) -> Conference:
    key = conference_key(reader.account.pk, conference_id)
    return one(Conference, key, NO_CONFERENCE, reader)


class CallView(FreeClimbView):
    def get(self, request, account_id, call_id):
        reader = self.reader
        return Response(resources.call(one_call(call_id, reader), reader))


class CallsView(ListView):
    name = "calls"
    parameters = filters.CALLS
    make = resources.call

    def under(self, account_id):
        return ["Calls"]

    def listed(self, reader):
        return Listed(Call.objects.defer("claims"), "begun_at", Q(account=reader.account))


class RecordingView(FreeClimbView):
    scope = "recordings:read"

    def get(self, request, account_id, recording_id):
        reader = self.reader
        try:
            key = recording_key(reader.account.pk, recording_id)
            row = one(Recording, key, NO_RECORDING, reader)
        except NotThere:
            row = self.by_our_id(recording_id, reader)
        resources.with_ids([row])
        return Response(resources.recording(row, reader))

    def by_our_id(self, text: str, reader: Reader) -> Recording:
        """For those to which the provider gave none."""
        try:
            key = UUID(text)
        except ValueError:
            key = None
        return one(Recording, key, NO_RECORDING, reader)


class RecordingsView(ListView):
    """All of an account."""

    name = "recordings"
    parameters = filters.RECORDINGS
    make = resources.recording
    scope = "recordings:read"

    def under(self, account_id):
        return ["Recordings"]

    def listed(self, reader):
        return self.of(Q(account=reader.account))

    def of(self, scope: Q) -> Listed:
        return Listed(Recording.objects.defer("claims"), "created_at", scope)

    def gather(self, rows):
        resources.with_ids(rows)


class CallRecordingsView(RecordingsView):
    parameters = filters.CALL_RECORDINGS

    def under(self, account_id, call_id):
        return ["Calls", call_id, "Recordings"]

    def listed(self, reader):
        return self.of(Q(call=one_call(self.kwargs["call_id"], reader)))


class ConferenceRecordingsView(RecordingsView):
    parameters = filters.CONFERENCE_RECORDINGS

    def under(self, account_id, conference_id):
        return ["Conferences", conference_id, "Recordings"]

    def listed(self, reader):
        return self.of(Q(conference=one_conference(self.kwargs["conference_id"], reader)))


class ConferenceView(FreeClimbView):
    def get(self, request, account_id, conference_id):
        reader = self.reader
        return Response(resources.conference(one_conference(conference_id, reader), reader))


class ConferencesView(ListView):
    name = "conferences"
    parameters = filters.CONFERENCES
    make = resources.conference

    def under(self, account_id):
        return ["Conferences"]

    def listed(self, reader):
        rows = Conference.objects.defer("claims")
        return Listed(rows, "created_at", Q(account=reader.account))


class ParticipantView(FreeClimbView):
    def get(self, request, account_id, conference_id, call_id):
        reader = self.reader
        account = reader.account.pk
        key = participant_key(conference_key(account, conference_id), call_key(account, call_id))
        row = Participant.objects.defer("claims").filter(pk=key).first()
        if row is None:
            raise NotThere(NO_CONFERENCE, "This conference had no participant of this call.")
        resources.with_ids([row])
        return Response(resources.participant(row, reader))


class ParticipantsView(ListView):
    """All that ever were in a conference."""

    name = "participants"
    parameters = filters.PARTICIPANTS
    make = resources.participant

    def under(self, account_id, conference_id):
        return ["Conferences", conference_id, "Participants"]

    def listed(self, reader):
        conference = one_conference(self.kwargs["conference_id"], reader)
        rows = Participant.objects.defer("claims")
        return Listed(rows, "created_at", Q(conference=conference))

    def gather(self, rows):
        resources.with_ids(rows)


class NothingView(FreeClimbView):
    """What FreeClimb has and a record of calls has not: queues, messages, numbers, audio files.

    Such an address is not found, as any that FreeClimb does not know; a 5xx would make its clients
    try again. Writing is refused before, with 405, wherever it is tried.
    """

    def get(self, request, **names):
        raise NotFound("This record of calls has nothing at this address.")
