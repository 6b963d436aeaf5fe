"""Telephone numbers in free text: payloads, notes, addresses of recordings, reasons.

What could be a number is masked, rather too much than too little; what is known to be something
else (dates, ids) stays readable.
"""

import json
import re

from .numbers import masked

# Between the digits of one number: whatever is neither letter nor digit, and how addresses, JSON
# and HTML write it. %30 to %39 are digits themselves; four • and more are a mask of ours. No text
# can be read in two ways, or a long one would take ages.
_BETWEEN = (
    r"(?:[^\w%\\&•]|_|(?<!•)•{1,3}(?!•)"
    r"|%(?!3\d)[0-9A-Fa-f]{2}|%(?!3\d|[0-9A-Fa-f]{2})"
    r"|\\u(?!003\d)[0-9A-Fa-f]{4}|\\[bfnrt]|\\(?![bfnrt]|u003\d|u[0-9A-Fa-f]{4})"
    r"|&nbsp;|&#160;|&(?!nbsp;|#160;))"
)
_MOST_BETWEEN = 8
_DIGIT = r"(?:\d|%3\d|\\u003\d)"
_PLUS = r"(?:\+|%2[Bb]|\\u002[Bb]|&\#43;)"
_NUMBER = re.compile(
    rf"{_PLUS}?(?<!%)(?<!%[0-9A-Fa-f])(?<!\\u)(?<!\\u[0-9A-Fa-f])(?<!\\u[0-9A-Fa-f]{{2}})"
    rf"(?<!\\u[0-9A-Fa-f]{{3}}){_DIGIT}(?:{_BETWEEN}{{0,{_MOST_BETWEEN}}}{_DIGIT}){{6,}}"
)
_ESCAPED_DIGIT = re.compile(r"(?:%3|\\u003)(\d)")
_ESCAPED_PLUS = re.compile(r"%2[Bb]|\\u002[Bb]|&#43;")

_DATE = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?"
_OF_DAY = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_TIMES_OF_DAY = re.compile(rf"{_OF_DAY}(?:[\s,;–-]{{1,3}}{_OF_DAY})+")
_KNOWN = re.compile(
    "|".join(
        [
            rf"(?<!\d){_DATE}(?:(?:T|\+|%20|[ ]{{1,2}}){_TIME}(?:Z|[+-]\d\d:?\d\d)?)?(?!\d)",
            # A UUID, a FreeClimb id, a hash.
            r"(?<![0-9A-Za-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])",
            r"(?<![0-9A-Za-z])[A-Z]{2}[0-9a-f]{40}(?![0-9A-Za-z])",
            r"(?<![0-9A-Za-z])(?=\d{0,31}[a-f])[0-9a-f]{32,128}(?![0-9A-Za-z])",
            # CallerDesk's CallSid: seconds since 1970, a dot, a counter.
            r"(?<![0-9A-Za-z+.])1[4-9]\d{8}\.\d{1,6}(?![0-9])",
        ]
    )
)

# Fields of providers that hold a number, however odd it looks: in JSON, a form, a query, or the
# lines that a form is laid out in.
_FIELDS = (
    "from|to|caller|callee|caller_?id|caller_?number|called_?number|number|phone_?number|mobile|"
    "source_?number|destination_?number|dial_?whom_?number|agent_?number|customer_?number|"
    "did_?number|sip_?uri|calling_?number"
)
_FIELD = re.compile(_FIELDS, re.IGNORECASE)
_IN_JSON = re.compile(
    rf'("(?:{_FIELDS})"\s*:\s*)("(?:[^"\\]|\\.)*"|[-+.\dEe]+)', re.IGNORECASE | re.DOTALL
)
_IN_FORM = re.compile(rf"((?:^|[?&\n])(?:{_FIELDS})(?: = |=))([^&\n]*)", re.IGNORECASE)


def without_numbers(text: str) -> str:
    """The text with each number in it masked."""
    text = _IN_JSON.sub(_json_value, text)
    text = _IN_FORM.sub(_form_value, text)
    shown, end = [], 0
    for known in _KNOWN.finditer(text):
        shown += [_masked_in(text[end : known.start()]), known.group()]
        end = known.end()
    return "".join([*shown, _masked_in(text[end:])])


def value_without_numbers(value):
    """The same of what JSON holds."""
    if isinstance(value, dict):
        return {name: _field_without_numbers(name, one) for name, one in value.items()}
    if isinstance(value, list):
        return [value_without_numbers(one) for one in value]
    if isinstance(value, str):
        return without_numbers(value)
    if isinstance(value, int | float) and without_numbers(str(value)) != str(value):
        return without_numbers(str(value))
    return value


def _field_without_numbers(name, value):
    if isinstance(value, str | int) and _FIELD.fullmatch(name):
        return masked(str(value))
    return value_without_numbers(value)


def _masked_in(text: str) -> str:
    return _NUMBER.sub(_one_masked, text)


def _one_masked(found) -> str:
    if _TIMES_OF_DAY.fullmatch(found.group()):
        return found.group()
    text = _plain(found.group())
    return masked(("+" if text.startswith("+") else "") + re.sub(r"\D", "", text))


def _plain(text: str) -> str:
    """Digits and plus sign as themselves; what else is escaped holds no digit any more."""
    text = _ESCAPED_DIGIT.sub(r"\1", _ESCAPED_PLUS.sub("+", text))
    return re.sub(r"%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|&#160;", " ", text)


def _json_value(found) -> str:
    name, value = found.groups()
    try:
        text = str(json.loads(value)) if value.startswith('"') else value
    except ValueError:
        text = value
    return name + json.dumps(masked(_plain(text)), ensure_ascii=False)


def _form_value(found) -> str:
    name, value = found.groups()
    return name + masked(_plain(value))
