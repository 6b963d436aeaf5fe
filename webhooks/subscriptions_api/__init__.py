"""Subscriptions over REST: an integration manages its own, a person who may all of them."""

from .messages import MessageViewSet
from .subscriptions import SubscriptionViewSet

__all__ = ["MessageViewSet", "SubscriptionViewSet"]
