"""Phone numbers: E.164 where the text allows it, the text as sent otherwise."""

import re
from functools import lru_cache

import phonenumbers

from .facts import Number

_SEPARATORS = re.compile(r"[\s().\-/\u00a0]+")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(text: str, region: str) -> str | None:
    """`+` and 7 to 15 digits, or None where the text is no full number of that region.

    A number with a leading `+` is believed as it stands: numbering plans change faster than
    libraries. A national one must be a number of the region (ISO 3166, "IN", "US"; "" for none).
    """
    digits = _SEPARATORS.sub("", text)
    if digits.startswith("+"):
        return digits if _INTERNATIONAL.fullmatch(digits) else None
    if not digits.isascii() or not digits.isdigit():
        return None
    if region == "IN":
        return _indian(digits)
    try:
        parsed = phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _indian(digits: str) -> str | None:
    """CallerDesk mixes forms in one request: with or without a leading 0 or 91."""
    if len(digits) == 11 and digits[0] == "0":
        digits = digits[1:]
    elif len(digits) == 12 and digits.startswith("91"):
        digits = digits[2:]
    return f"+91{digits}" if len(digits) == 10 and digits[0] != "0" else None


@lru_cache(maxsize=50_000)  # regulars and agents: a twentieth of the time
def number(raw: str, region: str) -> Number:
    """The number for our columns, with the text it came from."""
    return Number(e164(raw, region) or raw, raw)


_SHOWN = 4  # digits at the end
_HIDDEN = 3  # digits at least, or less is shown

_MASKED = re.compile(r"(?:\+[0-9]{0,3})?•{6}[0-9]{1,4}|•{4}")


def masked(number: str) -> str:
    """`+91••••••4209`: country code and last four digits; of a short number less. Text without a
    number in it stays, and what is masked already. Of an address like `sip:+91…@host` the part
    before the @ counts."""
    if _MASKED.fullmatch(number):
        return number
    name = number.partition("@")[0]
    digits = re.sub(r"\D", "", name)  # of any script
    if not digits:
        return number
    shown = min(_SHOWN, max(0, len(digits) - _SHOWN - 1))
    code = _country_code(name)
    if len(digits) - len(code.lstrip("+")) - shown < _HIDDEN:
        code = ""
    return f"{code}••••••{digits[-shown:]}" if shown else "••••"


def _country_code(number: str) -> str:
    plus, _, rest = number.partition("+")
    if not _ or re.search(r"\d", plus):
        return ""
    try:
        parsed = phonenumbers.parse(f"+{rest}", None)
    except phonenumbers.NumberParseException:
        return "+"
    return f"+{parsed.country_code}"


@lru_cache(maxsize=50_000)
def last_digits_first(number: str) -> str:
    """The digits of a number in reverse, so that an index finds numbers by how they end."""
    return re.sub(r"[^0-9]", "", number)[::-1]
