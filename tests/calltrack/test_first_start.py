"""What `up` prepares, on the first start and on later ones."""

from django.contrib.auth import get_user_model
from django.test import TestCase

from calltrack.first_start import (
    create_what_is_missing,
    waiting_for_a_secret,
    without_account_id,
)
from tests.webhooks.door import ACCOUNT, OTHER_SECRET, SECRET
from webhooks.endpoints import Refused, create_endpoint
from webhooks.models import Endpoint


class FirstStartTests(TestCase):
    def test_the_first_start_makes_a_user_and_an_endpoint_of_each_provider(self):
        password, made, undone = create_what_is_missing()
        self.assertTrue(get_user_model().objects.get().check_password(password))
        self.assertEqual([new.provider for new in made], ["FreeClimb", "CallerDesk"])
        self.assertEqual(undone, "")
        self.assertEqual(len(waiting_for_a_secret()), 1)
        self.assertEqual(len(without_account_id()), 1)

    def test_later_starts_make_nothing_and_complete_what_is_missing(self):
        create_what_is_missing()
        options = {"freeclimb_account": ACCOUNT, "freeclimb_secret": SECRET}
        for _ in range(2):
            self.assertEqual(create_what_is_missing(**options), (None, [], ""))
        self.assertEqual(len(waiting_for_a_secret()), 0)
        self.assertEqual(len(without_account_id()), 0)

    def test_the_same_options_start_it_again_beside_a_second_endpoint(self):
        options = {"freeclimb_account": ACCOUNT, "freeclimb_secret": SECRET}
        create_what_is_missing(**options)
        create_endpoint(provider="freeclimb", account="Second")
        self.assertEqual(create_what_is_missing(**options), (None, [], ""))
        _, _, undone = create_what_is_missing(freeclimb_secret=OTHER_SECRET)
        self.assertIn("2 endpoints", undone)
        self.assertEqual(Endpoint.objects.count(), 3)

    def test_another_account_id_is_refused(self):
        create_what_is_missing(freeclimb_account=ACCOUNT)
        with self.assertRaisesMessage(Refused, ACCOUNT):
            create_what_is_missing(freeclimb_account="AC2")
