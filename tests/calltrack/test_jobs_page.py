from calltrack import jobs
from calltrack.models import Job
from tests import factories
from tests.admin import AdminTestCase


class JobPageTests(AdminTestCase):
    number = "+13125550123"

    def job(self):
        job = jobs.enqueue("process_again", {"why": f"asked by {self.number}"}, "asha")
        Job.objects.filter(pk=job.pk).update(
            done=1_500, total=6_000, message=f"{self.number} failed", position={"at": "noon"}
        )
        return job

    def test_the_list_shows_how_far_a_job_is(self):
        self.job()
        page = self.open_list(Job)
        self.assertContains(page, "Process again")
        self.assertContains(page, '<progress max="6000" value="1500"')
        self.assertContains(page, "1,500 of 6,000")
        self.assertContains(page, '<span class="badge">Queued</span>')
        self.assertContains(page, "asha")

    def test_a_page_shows_all_and_changes_nothing(self):
        page = self.open_row(self.job())
        self.assertContains(page, self.number, 2)
        self.assertContains(page, "noon")
        self.assertNotContains(page, 'name="_save"')

    def test_numbers_are_hidden_from_those_who_may_not_see_them(self):
        job = self.job()
        self.client.force_login(factories.UserFactory(may=["view_job"]))
        for page in (self.open_list(Job), self.open_row(job)):
            self.assertNotContains(page, self.number)
            self.assertNotContains(page, self.number[-7:])
            self.assertContains(page, "0123 failed")
