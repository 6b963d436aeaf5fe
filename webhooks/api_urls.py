"""`/api/v1/`: deliveries, subscriptions and their messages. The final slash may be left out."""

from rest_framework.routers import SimpleRouter

from .api import DeliveryViewSet
from .subscriptions_api import MessageViewSet, SubscriptionViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("deliveries", DeliveryViewSet)
router.register("subscriptions", SubscriptionViewSet)
router.register(r"subscriptions/(?P<subscription>[^/]+)/messages", MessageViewSet)

urlpatterns = router.urls
