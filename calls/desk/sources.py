"""Calls and answer rate by source, campaign and service number."""

from django.template.response import TemplateResponse


def sources(request, context):
    return TemplateResponse(request, "desk/sources.html", context)
