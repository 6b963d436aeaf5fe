"""Why a request was refused: each kind of refusal under /api/ is a problem of RFC 9457."""

import json
from unittest import mock

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from calltrack import urls
from calltrack.problems import BadParameters
from calltrack.problems.faults import body_faults, query_faults
from calltrack.problems.handler import describe
from calltrack.problems.kinds import KINDS, kind_of
from tests import factories

SECRET = "a word of the inside"


class Note(serializers.Serializer):
    text = serializers.CharField(max_length=5)
    tags = serializers.ListField(child=serializers.CharField(max_length=3), default=list)
    at = serializers.DictField(child=serializers.IntegerField(), default=dict)

    def validate(self, given):
        raise serializers.ValidationError("Not today.", code="closed")


class Raising(APIView):
    """Raises what the test put here; takes a body with POST."""

    authentication_classes = permission_classes = ()
    error = None

    def get(self, request):
        if type(self).error:
            raise type(self).error
        return Response({})

    def post(self, request):
        note = Note(data=request.data)
        note.is_valid(raise_exception=True)


urlpatterns = [path("api/raising/", Raising.as_view()), *urls.urlpatterns]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@override_settings(ROOT_URLCONF=__name__)
class ProblemTests(TestCase):
    def setUp(self):
        self.client.raise_request_exception = False

    def told(self, response, status, name):
        self.assertEqual(response.status_code, status, response.content)
        self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        problem = response.json()
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["type"], f"/api/docs/problems#{name}")
        self.assertTrue(problem["title"] and problem["detail"])
        return problem

    def raised(self, error, status, name):
        with mock.patch.object(Raising, "error", error):
            response = self.client.get("/api/raising/")
        return response, self.told(response, status, name)

    def post(self, content, content_type="application/json", **headers):
        path = "/api/raising/"
        return self.client.post(path, content, content_type=content_type, headers=headers)

    def test_each_exception_of_drf_and_django_is_its_problem(self):
        for error, status, name in (
            (exceptions.NotAuthenticated(), 403, "forbidden"),  # no way in is offered here
            (exceptions.PermissionDenied("No."), 403, "forbidden"),
            (PermissionDenied("No."), 403, "forbidden"),
            (exceptions.NotFound(), 404, "not-found"),
            (Http404("x"), 404, "not-found"),
            (exceptions.MethodNotAllowed("GET"), 405, "method-not-allowed"),
            (exceptions.ParseError(), 400, "malformed"),
            (SuspiciousOperation(SECRET), 400, "malformed"),
            (RequestDataTooBig(SECRET), 413, "too-large"),
            (exceptions.ValidationError("No."), 400, "invalid-body"),
            (BadParameters({"a": ["No."]}), 400, "invalid-parameters"),
        ):
            with self.subTest(error=repr(error)):
                _, problem = self.raised(error, status, name)
                self.assertNotIn(SECRET, str(problem))

    def test_the_wait_is_told(self):
        response, _ = self.raised(exceptions.Throttled(11.2), 429, "throttled")
        self.assertEqual(response.headers["Retry-After"], "12")

    def test_a_database_that_is_away_is_503_and_worth_another_try(self):
        for error in (OperationalError(SECRET), InterfaceError(SECRET)):
            with self.assertLogs("calltrack.problems", "ERROR"):
                response, problem = self.raised(error, 503, "unavailable")
            self.assertGreater(int(response.headers["Retry-After"]), 0)
            self.assertNotIn(SECRET, str(problem))

    def test_so_it_is_where_no_view_was_reached(self):
        away = mock.patch(
            "calltrack.middleware.SessionMiddleware.process_request",
            side_effect=OperationalError(SECRET),
        )
        with away, self.assertLogs("django.request", "ERROR"):
            response = self.client.get("/api/v1/calls/")
        self.told(response, 503, "unavailable")
        self.assertGreater(int(response.headers["Retry-After"]), 0)

    def test_a_fault_of_ours_says_nothing_of_the_inside_and_is_logged(self):
        with self.assertLogs(level="ERROR") as logged:
            _, problem = self.raised(ZeroDivisionError(SECRET), 500, "server-error")
        self.assertNotIn(SECRET, str(problem))
        self.assertIn(SECRET, "".join(str(one.exc_info) for one in logged.records))
        self.assertIn(problem["instance"], "".join(logged.output))

    def test_an_address_that_is_not_there(self):
        for address in (
            "/api",
            "/api/",
            "/api/v1/nothing/",
            "/api/v2/calls/",
            "/api/v1/calls/x/y/z",
        ):
            with self.subTest(address):
                self.told(self.client.get(address), 404, "not-found")
                self.told(self.client.post(address), 404, "not-found")
        page = self.client.get("/nothing/")
        self.assertTrue(page.headers["Content-Type"].startswith("text/html"))

    def test_a_host_that_is_not_ours(self):
        response = self.client.get("/api/v1/calls/", headers={"Host": "evil.example"})
        self.told(response, 400, "malformed")

    def test_bodies_that_cannot_be_read(self):
        for content in (b"{", b"", b'{"text": NaN}', b"\xff", b'"\xe9"', b"[" * 100_000):
            with self.subTest(content[:10]):
                status = 400
                name = "malformed" if content else "invalid-body"
                self.told(self.post(content), status, name)
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            with self.subTest(kind):
                self.told(self.post(b"text=a", kind), 415, "unsupported-media-type")
        with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
            self.told(self.post(json.dumps({"text": "x" * 20})), 413, "too-large")

    def test_what_cannot_be_had(self):
        response = self.client.get("/api/raising/", headers={"Accept": "image/png"})
        self.told(response, 406, "not-acceptable")
        problem = self.told(self.client.get("/api/raising/?format=xml"), 400, "invalid-parameters")
        self.assertEqual([one["parameter"] for one in problem["errors"]], ["format"])

    def test_all_faults_of_a_body_are_told_at_once_with_pointers(self):
        body = {"text": "too long", "tags": ["ab", "abcd"], "at": {"a/b": "x", "c~d": "y"}}
        problem = self.told(self.post(json.dumps(body)), 400, "invalid-body")
        pointers = [fault["pointer"] for fault in problem["errors"]]
        self.assertEqual(pointers, ["/text", "/tags/1", "/at/a~1b", "/at/c~0d"])
        self.assertEqual(problem["errors"][0]["code"], "max_length")
        whole = self.told(self.post(b'{"text": "a"}'), 400, "invalid-body")
        fault = {"pointer": "", "detail": "Not today.", "code": "closed"}
        self.assertEqual([whole["detail"], whole["errors"]], ["Not today.", [fault]])

    def test_strangers_hear_how_to_come_in_and_405_which_methods_there_are(self):
        response = self.client.get("/api/v1/calls/")
        self.told(response, 401, "not-authenticated")
        self.assertEqual(response.headers["WWW-Authenticate"], "Bearer")
        self.client.force_login(factories.UserFactory(is_superuser=True))
        response = self.client.put("/api/v1/calls/")
        self.told(response, 405, "method-not-allowed")
        self.assertIn("GET", response.headers["Allow"])

    def test_what_decorators_refuse_is_a_problem_too(self):
        client = self.client_class(enforce_csrf_checks=True)
        for address in ("/api/docs/problems", "/api/schema/", "/api/v1/schema/"):
            for write in (client.post, client.put, client.delete):
                response = write(address)
                self.told(response, 405, "method-not-allowed")
                self.assertIn("GET", response.headers["Allow"])

    def test_half_a_surrogate_pair_can_be_told_of(self):
        self.client.force_login(factories.UserFactory(is_superuser=True))
        path = f"/api/v1/calls/{factories.CallFactory().pk}/notes/"
        for accept in ("text/html", "application/json"):
            response = self.client.post(
                path,
                rb'{"\ud800": 1}',
                content_type="application/json",
                headers={"Accept": accept},
            )
            self.assertContains(response, "ud800", status_code=400)

    def test_a_session_without_its_token_does_not_write(self):
        client = self.client_class(enforce_csrf_checks=True)
        client.force_login(factories.UserFactory(is_superuser=True))
        response = client.post("/api/v1/calls/", b"{}", content_type="application/json")
        problem = self.told(response, 403, "forbidden")
        self.assertIn("CSRF", problem["detail"])


class KindTests(SimpleTestCase):
    def test_kinds_are_told_apart_by_their_address(self):
        self.assertEqual(len({kind.type for kind in KINDS}), len(KINDS))

    def test_a_status_without_a_kind_of_its_own_is_about_blank(self):
        kind = kind_of(418)
        self.assertEqual([kind.type, kind.title], ["about:blank", "I'm a Teapot"])

    def test_faults_of_all_shapes_become_a_flat_list(self):
        deep = [{}, {"a": ["x", "y"]}, {"b": {"c": ["z"]}}]
        error = exceptions.ValidationError(deep)
        pointers = [one["pointer"] for one in body_faults(error.detail)]
        self.assertEqual(pointers, ["/1/a", "/1/a", "/2/b/c"])
        names = query_faults({"a": ["x"], "b": "y"})
        self.assertEqual([one["parameter"] for one in names], ["a", "b"])
        self.assertEqual(describe(exceptions.ValidationError({}))["detail"][:9], "Something")

    def test_csrf_failures_of_plain_views(self):
        for address, kind in (("/api/x", "application/problem+json"), ("/x", "text/html")):
            request = RequestFactory().post(address)
            response = urls.problems.csrf_failure(request, "no token")
            self.assertEqual(response.status_code, 403)
            self.assertEqual(response.headers["Content-Type"].partition(";")[0], kind)
