"""Some weeks of calls for the pages of figures, and a way to follow the links on them."""

import random
import re
from datetime import timedelta
from html import unescape

from calls.choices import Direction, Status
from calls.models import Agent, ServiceNumber
from calls.tallies import recount_everything
from tests import factories

LINK = re.compile(
    r'<a [^>]*?href="(/admin/calls/call/\?[^"]*)"[^>]*>'
    r"\s*([0-9,]+)\s*(?:<|calls?<|answered<|missed<)"
)
NUMBERS = [f"+131255501{n:02}" for n in range(4)]
AGENTS = [f"+131255508{n:02}" for n in range(3)]
ANSWERED = (Status.COMPLETED, Status.IN_PROGRESS)


def plant(now, *, days=31, calls=150, seed=1):
    """Conversations of two accounts until `now`, more of them today than on any other day; counted
    and, but for the last number, named."""
    chance = random.Random(seed)
    accounts = [factories.AccountFactory(), factories.AccountFactory(callerdesk=True)]
    planted = []
    for number in range(calls):
        ago = chance.uniform(0, 1 if number % 3 == 0 else days)
        begun_at = now - timedelta(days=ago)
        direction = chance.choice([Direction.INBOUND, Direction.INBOUND, Direction.OUTBOUND])
        status = chance.choice(
            [Status.COMPLETED, Status.COMPLETED, Status.NO_ANSWER, Status.FAILED, Status.BUSY]
        )
        answered = status == Status.COMPLETED
        planted.append(
            factories.CallFactory(
                account=chance.choice(accounts),
                begun_at=begun_at,
                direction=direction,
                status=status,
                missed=direction == Direction.INBOUND and not answered,
                customer_number=f"+131255520{chance.randrange(20):02}",
                service_number=chance.choice(NUMBERS),
                agent_number=chance.choice([*AGENTS, ""]),
                agent_answered=answered,
                waited_seconds=chance.randrange(90) if answered else None,
                talk_seconds=chance.randrange(600) if answered else None,
            )
        )
    for call in planted[::10]:
        factories.CallFactory(account=call.account, parent=call, begun_at=call.begun_at)
    name()
    return planted


def name():
    recount_everything()
    for place, number in enumerate(NUMBERS[:-1]):
        source = ["Google Ads", "Flyer"][place % 2]
        ServiceNumber.objects.filter(number=number).update(
            label=f"Line {place}", source=source, campaign=f"Spring {place}"
        )
    for place, number in enumerate(AGENTS[:-1]):
        Agent.objects.filter(number=number).update(name=["Asha", "Vikram"][place])


def links(page):
    """(address, number) of each number on a page that is a link to a list of calls."""
    found = LINK.findall(page.content.decode())
    return [(unescape(url), int(number.replace(",", ""))) for url, number in found]


def counted(case, url):
    """How many calls the list at that address counts."""
    page = case.client.get(url)
    case.assertEqual(page.status_code, 200, url)
    case.assertEqual(page.context["filtered"].filterset.errors, {}, url)
    return page.context["count"].number
