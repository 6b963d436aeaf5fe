"""Bodies of requests, read strictly: what nobody would read is refused, never passed over."""

import json

from django.http.request import RawPostDataException
from rest_framework import serializers
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """JSON of at most settings.DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    def parse(self, stream, media_type=None, parser_context=None):
        """Raises ParseError; RequestDataTooBig, which gets a 413."""
        text = raw_body(parser_context["request"])
        try:
            return json.loads(text.decode("utf-8"), parse_constant=_no_json)
        except ValueError as error:
            raise ParseError(f"This is no JSON: {error}") from None
        except RecursionError:
            raise ParseError("This is nested too deeply.") from None


def _no_json(word):
    raise ValueError(f"{word} is no JSON")


def raw_body(request) -> bytes:
    """The body as it came, however often asked. Raises RequestDataTooBig and, for a form that
    was read as such, UnsupportedMediaType."""
    try:
        return getattr(request, "_request", request).body
    except RawPostDataException:
        raise UnsupportedMediaType(request.content_type) from None


class StrictSerializer(serializers.Serializer):
    """Names fields that it does not know, together with all other faults."""

    def to_internal_value(self, data):
        faults = {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            faults = error.detail
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            faults |= {name: ["Unknown field."] for name in unknown}
        if faults:
            raise ValidationError(faults)
        return values


class NothingSerializer(StrictSerializer):
    """The body of a request that says it all by its address."""


class TextField(serializers.CharField):
    """A text; DRF's own takes numbers for texts."""

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def checked(serializer_class, request, **more) -> dict:
    """What the body says. Raises ValidationError with all faults."""
    serializer = serializer_class(data=request.data, **more)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
