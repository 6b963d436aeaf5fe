"""Every route."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from calltrack import views
from calltrack.problems import pages as problems
from calltrack.schema import pages

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("webhooks/", include("webhooks.urls")),
    path("api/v1/", include("calls.urls")),
    path("api/v1/", include("webhooks.api_urls")),
    path("apiserver/", include("webhooks.freeclimb_urls")),
    path("apiserver/", include("calls.freeclimb_api.urls")),
    path("api/schema/", pages.schema),
    path("api/v1/schema/", pages.schema, name="schema"),
    path("api/docs/problems", problems.explained, name="problems"),
    path("api/docs/", pages.Docs.as_view(), name="docs"),
    path("api/v1/docs/", RedirectView.as_view(pattern_name="docs")),
    path("favicon.ico", RedirectView.as_view(url=static("calltrack/icon.svg"))),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
]

handler400 = "calltrack.problems.pages.bad_request"
handler403 = "calltrack.problems.pages.permission_denied"
handler404 = "calltrack.problems.pages.page_not_found"
handler500 = "calltrack.problems.pages.server_error"
