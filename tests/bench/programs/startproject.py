"""The view of bare.py behind the middleware of a new project; it asks no database."""

import ast
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

TEMPLATE = Path(django.__file__).parent / "conf/project_template/project_name/settings.py-tpl"


def new_project(*names):
    """Settings as `django-admin startproject` writes them: {name: value}."""
    return {
        line.targets[0].id: ast.literal_eval(line.value)
        for line in ast.parse(TEMPLATE.read_text()).body
        if isinstance(line, ast.Assign) and line.targets[0].id in names
    }


if not settings.configured:
    settings.configure(
        **new_project("MIDDLEWARE", "INSTALLED_APPS"),
        ROOT_URLCONF="tests.bench.programs.bare",
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        SECRET_KEY="of nothing",  # noqa: S106 – it signs nothing that lasts
        ALLOWED_HOSTS=["127.0.0.1"],
        USE_TZ=True,
    )
    django.setup()

application = WSGIHandler()
