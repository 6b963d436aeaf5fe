"""Failed and unknown deliveries, grouped by what is wrong with them."""

from django.template.response import TemplateResponse


def needs_attention(request, context):
    return TemplateResponse(request, "desk/needs_attention.html", context)
