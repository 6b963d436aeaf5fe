"""Subscriptions for tests."""

from tests.factories import IntegrationFactory
from webhooks.models import Message, Subscription
from webhooks.outgoing.dispatch import dispatch
from webhooks.outgoing.events import EVENTS
from webhooks.outgoing.signing import new_secret


def subscribe(url="https://hooks.example.com/calls", scopes=None, **values):
    """To all events, with a secret; of an integration if scopes are given, else of people."""
    if scopes is not None:
        values["integration"] = IntegrationFactory(scopes=scopes)
    values = {"name": "Warehouse", "events": list(EVENTS), "secret": new_secret()} | values
    return Subscription.objects.create(url=url, **values)


def tell_all():
    while dispatch():
        pass


def told(subscription):
    """The events of its messages in the order in which they are sent."""
    messages = Message.objects.filter(subscription=subscription).order_by("number")
    return [message.event for message in messages]
