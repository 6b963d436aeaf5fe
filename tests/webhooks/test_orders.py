"""Any order, repetition, batching and split over threads gives the same content: promise 3."""

import random
import threading
from functools import reduce
from itertools import permutations

from django.db import connections
from django.test import TestCase, TransactionTestCase

from calls import ledger
from calls.merge import join
from calls.tables import TABLES
from tests.webhooks.lives import Lives, everything, wipe
from webhooks import inbox
from webhooks.endpoints import create_endpoint
from webhooks.rebuild import rebuild

ORDERS = 200
LIVES = 32  # each kind of life once


def endpoints():
    return {
        provider: create_endpoint(provider=provider, account="Main")[0]
        for provider in ("freeclimb", "callerdesk")
    }


def states(spoken):
    """What was said of each object: values, claims, flags; not which of equals vouches."""
    return {
        (kind, key): (
            {name: (e.value, e.claim) for name, e in known.state.entries.items()},
            set(known.state.flags),
        )
        for kind, objects in spoken.items()
        for key, known in objects.items()
    }


class PermutationTests(TestCase):
    def test_every_order_of_up_to_seven_deliveries_says_the_same(self):
        """Promise 3: the merge itself, in memory."""
        lives = Lives(endpoints())
        rng = random.Random(7)
        for number in range(LIVES):
            requests = lives.requests(number)
            chosen = rng.sample(requests, min(len(requests), 7))
            said = [
                ledger.gather([saying])
                for request in chosen
                if (saying := inbox.digest(lives.delivery(request)))
            ]
            expected = states(reduce(self.joined, said, {}))
            self.assertTrue(expected)
            for order in permutations(said):
                self.assertEqual(states(reduce(self.joined, order, {})), expected)

    @staticmethod
    def joined(left, right):
        both = {kind: dict(objects) for kind, objects in left.items()}
        for kind, objects in right.items():
            mine = both.setdefault(kind, {})
            for key, known in objects.items():
                if key in mine:
                    state = join(TABLES[kind].rules, mine[key].state, known.state)
                    known = ledger.Known(known.identity, known.provider, state)
                mine[key] = known
        return both


class Shuffled:
    def setUp(self):
        self.lives = Lives(endpoints())
        self.numbers = range(0, LIVES, 3)
        self.store_all(self.requests())
        self.expected = everything()
        self.assertTrue(all(self.expected.values()), "a table without rows proves nothing")

    def requests(self):
        return [request for number in self.numbers for request in self.lives.requests(number)]

    def store_all(self, requests):
        inbox.store([self.lives.delivery(request) for request in requests])

    def batches(self, rng):
        """All requests and some of them twice, in a random order, cut at random places."""
        requests = self.requests()
        requests += rng.sample(requests, len(requests) // 5)
        rng.shuffle(requests)
        while requests:
            size = rng.choice([1, 2, 5, 20, 100])
            yield requests[:size]
            requests = requests[size:]

    def check(self, order):
        found = everything()
        for model, rows in self.expected.items():
            self.assertEqual(found[model], rows, f"order {order}")


class OrderTests(Shuffled, TestCase):
    def test_random_orders_duplicates_and_batches_give_the_same_content(self):
        """Promise 3: through the database."""
        for order in range(ORDERS):
            wipe()
            for batch in self.batches(random.Random(order)):
                self.store_all(batch)
            self.check(order)
        self.assertEqual(rebuild(verify=True).different, [])


class ThreadTests(Shuffled, TransactionTestCase):
    def test_threads_that_race_give_the_same_content(self):
        """Promise 3: split over threads that write at the same time."""
        for order in range(5):
            wipe()
            batches = list(self.batches(random.Random(order)))
            errors = []

            def work(share, errors=errors):
                try:
                    for batch in share:
                        self.store_all(batch)
                except Exception as error:  # noqa: BLE001 — the test's own thread must hear of it
                    errors.append(error)
                finally:
                    connections.close_all()

            threads = [threading.Thread(target=work, args=(batches[n::4],)) for n in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            self.assertEqual(errors, [])
            self.check(order)
            self.assertEqual(rebuild(verify=True).different, [])
