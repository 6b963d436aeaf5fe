"""A Django that does nothing: it reads the body and answers. No middleware but one that every site
has, no database."""

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

if not settings.configured:
    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["127.0.0.1"],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        USE_TZ=True,
    )
    import django

    django.setup()


@csrf_exempt
def receive(request):
    len(request.body)
    return HttpResponse("success")


urlpatterns = [re_path(r"^webhooks/", receive)]
application = WSGIHandler()
