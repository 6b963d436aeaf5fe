"""`/apiserver/`. The final slash may be left out."""

from django.urls import re_path

from . import views

ACCOUNT = r"^Accounts/(?P<account_id>[^/]+)"
CALL = rf"{ACCOUNT}/Calls/(?P<call_id>[^/]+)"
CONFERENCE = rf"{ACCOUNT}/Conferences/(?P<conference_id>[^/]+)"
RECORDING = rf"{ACCOUNT}/Recordings/(?P<recording_id>[^/]+)"
END = r"/?\Z"

ROUTES = (
    (rf"{ACCOUNT}/Calls", views.CallsView),
    (CALL, views.CallView),
    (rf"{CALL}/Recordings", views.CallRecordingsView),
    (rf"{ACCOUNT}/Recordings", views.RecordingsView),
    (RECORDING, views.RecordingView),
    (rf"{ACCOUNT}/Conferences", views.ConferencesView),
    (CONFERENCE, views.ConferenceView),
    (rf"{CONFERENCE}/Participants", views.ParticipantsView),
    (rf"{CONFERENCE}/Participants/(?P<call_id>[^/]+)", views.ParticipantView),
    (rf"{CONFERENCE}/Recordings", views.ConferenceRecordingsView),
)

urlpatterns = [
    *(re_path(path + END, view.as_view()) for path, view in ROUTES),
    re_path(rf"{ACCOUNT}(/|\Z)", views.NothingView.as_view()),
    re_path(r"", views.NothingView.as_view()),
]
