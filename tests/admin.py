"""What tests of the admin share."""

from django.contrib import admin
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


class AdminTestCase(TestCase):
    """Logged in as one who may everything; `look_only` logs in one who may look at everything."""

    @classmethod
    def setUpTestData(cls):
        cls.superuser = factories.UserFactory(is_superuser=True)
        cls.viewer = factories.UserFactory(may=["view"])

    def setUp(self):
        self.client.force_login(self.superuser)

    def look_only(self):
        self.client.force_login(self.viewer)

    def open(self, url, **parameters):
        response = self.client.get(url, parameters)
        self.assertEqual(response.status_code, 200, f"{url} {response.content[:300]}")
        return response

    def open_list(self, model, **parameters):
        return self.open(address(model, "changelist"), **parameters)

    def open_row(self, row):
        return self.open(address(type(row), "change", row.pk))

    def listed(self, model, **parameters):
        return list(self.open_list(model, **parameters).context["cl"].result_list)

    def queries(self, url):
        self.open(url)  # content types are asked for once a process
        with CaptureQueriesContext(connection) as captured:
            self.open(url)
        return len(captured)

    def registered(self, *apps):
        return [model for model in admin.site._registry if model._meta.app_label in apps]
