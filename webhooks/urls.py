from django.urls import path

from .views import receive

# Both with and without the last slash: a redirect would lose the body of a POST.
urlpatterns = [
    path("<str:provider>/<str:token>/", receive, name="receive"),
    path("<str:provider>/<str:token>", receive),
]
