"""Why a request was refused: RFC 9457 problem details, for everything under /api/."""

from .exceptions import BadParameters, LengthRequired, TooLarge, Unavailable
from .response import ProblemResponse

__all__ = ["BadParameters", "LengthRequired", "ProblemResponse", "TooLarge", "Unavailable"]
