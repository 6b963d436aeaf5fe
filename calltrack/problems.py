"""Why a request was refused."""

from rest_framework.exceptions import ValidationError


class BadParameters(ValidationError):
    """Faults in the query of a URL: parameter → what is wrong with it. All of them at once."""
