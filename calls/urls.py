"""`/api/v1/`: calls and what belongs to them. The final slash may be left out."""

from rest_framework.routers import SimpleRouter

from calls import views

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("accounts", views.AccountViewSet)
router.register("calls", views.CallViewSet)
router.register("legs", views.LegViewSet)
router.register("conferences", views.ConferenceViewSet)
router.register("participants", views.ParticipantViewSet)
router.register("recordings", views.RecordingViewSet)

urlpatterns = router.urls
