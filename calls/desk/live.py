"""The board of calls that go on."""

from django.template.response import TemplateResponse


def board(request, context):
    return TemplateResponse(request, "desk/live.html", context)
