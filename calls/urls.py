"""`/api/v1/`: calls and what belongs to them. The final slash may be left out."""

from django.urls import include, re_path
from rest_framework.routers import SimpleRouter

from calls import views
from calls.views import annotations
from calls.views.changes import ChangesView
from calls.views.export import CallExportViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("accounts", views.AccountViewSet)
router.register("calls", views.CallViewSet)
router.register("legs", views.LegViewSet)
router.register("conferences", views.ConferenceViewSet)
router.register("participants", views.ParticipantViewSet)
router.register("recordings", views.RecordingViewSet)
router.register("service-numbers", views.ServiceNumberViewSet)
router.register("agents", views.AgentViewSet)
router.register("tags", views.TagViewSet)
router.register("dispositions", views.DispositionViewSet)

ONE_NOTE = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
TO_SET = {"get": "shown", "put": "update", "delete": "destroy"}
on_call = [
    re_path(
        r"^notes/?$",
        annotations.CallNoteViewSet.as_view({"get": "list", "post": "create"}, detail=False),
        name="call-note-list",
    ),
    re_path(
        r"^notes/(?P<note>[^/]+)/?$",
        annotations.CallNoteViewSet.as_view(ONE_NOTE, detail=True),
        name="call-note-detail",
    ),
    re_path(
        r"^tags/?$",
        annotations.CallTagViewSet.as_view({"get": "worn"}, detail=True),
        name="call-tags",
    ),
    re_path(  # a name may hold a slash
        r"^tags/(?P<name>.+?)/?$",
        annotations.CallTagViewSet.as_view({"put": "update", "delete": "destroy"}, detail=True),
        name="call-tag",
    ),
    re_path(
        r"^disposition/?$",
        annotations.CallDispositionViewSet.as_view(TO_SET, detail=True),
        name="call-disposition",
    ),
]

urlpatterns = [
    # Before the calls: else it would be taken for the id of one.
    re_path(r"^calls/export/?$", CallExportViewSet.as_view({"get": "list"}, detail=False)),
    *router.urls,
    re_path(r"^calls/(?P<call>[^/]+)/", include(on_call)),
    re_path(r"^changes/?$", ChangesView.as_view(), name="changes"),
]
