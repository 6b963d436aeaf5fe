"""What DRF has no exception for. Anything else is raised as DRF's own."""

from rest_framework.exceptions import APIException, ValidationError


class BadParameters(ValidationError):
    """Faults in the query of a URL: parameter → what is wrong with it. All of them at once."""


class LengthRequired(APIException):
    """A chunked body, which we would read as none."""

    status_code = 411
    default_detail = "Send the body with its Content-Length, not in chunks. Nothing was done."
    default_code = "length_required"


class TooLarge(APIException):
    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class Unavailable(APIException):
    """The database does not answer; `wait` seconds are told in Retry-After."""

    status_code = 503
    default_detail = "The database does not answer. Try again soon."
    default_code = "unavailable"
    wait = 5
