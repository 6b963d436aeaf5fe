"""A conference's page: who was in it, when, and what was recorded."""

from calls.models import Call, Conference, Participant
from tests import factories
from tests.admin import AdminTestCase, address
from tests.factories import NOON, after

MOST_QUERIES = 15


class ConferencePageTests(AdminTestCase):
    def test_who_was_in_it_and_when(self):
        conference = factories.ConferenceFactory(started_at=NOON, ended_at=after(300))
        for joined, left in ((0, 200), (30, 300)):
            factories.ParticipantFactory(
                conference=conference, joined_at=after(joined), left_at=after(left)
            )
        factories.RecordingFactory(call=None, conference=conference)
        page = self.open_row(conference)
        self.assertContains(page, "Conference with 2 calls, lasted 5 min 00 s, recorded.")
        spans = [span for lane in page.context["picture"].lanes for span in lane.spans]
        self.assertEqual([span.seconds for span in spans], [200, 270, 300])
        for taken in Participant.objects.all():
            self.assertContains(page, address(Call, "change", taken.call_id))

    def test_an_empty_one_of_which_nothing_is_known(self):
        page = self.open_row(factories.ConferenceFactory(alias=""))
        self.assertContains(page, "Conference with 0 calls, nobody was seen in it yet.")
        self.assertContains(page, "No time is known of anything in the conference.")

    def test_a_stranger_to_us_is_not_found(self):
        for wrong in (factories.uuid4(), "nonsense"):
            self.assertEqual(self.client.get(address(Conference, "change", wrong)).status_code, 404)

    def test_a_busy_conferences_page_takes_the_queries_of_an_idle_one(self):
        idle, busy = factories.ConferenceFactory(), factories.ConferenceFactory()
        for conference, many in ((idle, 1), (busy, 5)):
            factories.ParticipantFactory.create_batch(many, conference=conference)
        with self.assertNumQueries(self.queries(address(Conference, "change", idle.pk))):
            self.open_row(busy)
