"""Why a request was refused: RFC 9457 problem details, for everything under /api/."""

from .exceptions import BadParameters, TooLarge, Unavailable
from .response import ProblemResponse

__all__ = ["BadParameters", "ProblemResponse", "TooLarge", "Unavailable"]
