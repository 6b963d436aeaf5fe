"""`/api/v1/`: deliveries. The final slash may be left out."""

from rest_framework.routers import SimpleRouter

from .api import DeliveryViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("deliveries", DeliveryViewSet)

urlpatterns = router.urls
