"""Somebody's own settings."""

from django.template.response import TemplateResponse


def profile(request, context):
    return TemplateResponse(request, "desk/profile.html", context)
