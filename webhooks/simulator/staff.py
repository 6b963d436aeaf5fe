"""What people would have written by now: names, sources, tags, dispositions, notes."""

import random

from django.contrib.auth import get_user_model

from calls import annotations, tallies
from calls.models import Agent, Call, Disposition, ServiceNumber, Tag

from .accounts import accounts

SOURCES = [
    ("Website", "Contact page"),
    ("Google Ads", "Spring offer"),
    ("Google Ads", "Brand"),
    ("Flyer", "Trade fair"),
    ("Radio", "Morning show"),
]
LABELS = ["Sales", "Support", "Returns", "Branch north", "Branch south"]
NAMES = ["Priya", "Rohan", "Meera", "Arjun", "Nina", "Omar", "Tara", "Vikram", "Zara"]
TAGS = ["VIP", "Complaint", "Follow up"]
DISPOSITIONS = ["Order taken", "Question answered", "Wrong number", "Call back later"]
NOTES = ["Asked for the price list.", "Will send the papers by mail.", "Prefers mornings."]
WRITTEN_ON = 60  # calls


def write_as_staff_would() -> None:
    """Give the simulator's calls what the desk shows of people's work."""
    while tallies.recount():
        continue
    choose = random.Random("staff")
    ours = accounts()
    for place, row in enumerate(ServiceNumber.objects.filter(account__in=ours, label="")):
        row.label = LABELS[place % len(LABELS)]
        if place % 4:  # some were never told where they are published
            row.source, row.campaign = SOURCES[place % len(SOURCES)]
        row.save(update_fields=["label", "source", "campaign"])
    for place, agent in enumerate(Agent.objects.filter(account__in=ours, name="", heard_name="")):
        agent.name = NAMES[place % len(NAMES)]
        agent.save(update_fields=["name"])
    tags = [Tag.objects.get_or_create(name=name)[0] for name in TAGS]
    dispositions = [Disposition.objects.get_or_create(name=name)[0] for name in DISPOSITIONS]
    author = get_user_model().objects.filter(is_superuser=True).first()
    newest = Call.objects.filter(account__in=ours, is_root=True).order_by("-begun_at")
    for call in newest[: WRITTEN_ON * 3 : 3] if author else ():
        annotations.set_disposition(call, author, choose.choice(dispositions))
        if choose.random() < 0.5:
            annotations.set_tags(call, author, add=[choose.choice(tags)])
        if choose.random() < 0.4:
            annotations.add_note(call, author, choose.choice(NOTES))
