"""A delivery's body for people's eyes. Nothing is executed, fetched or lost: the exact bytes are a
download away."""

from urllib.parse import parse_qsl

from calltrack.admin import indent_json


def readable(body: bytes, content_type: str = "") -> str:
    """Text to be escaped before it is shown. JSON is laid out, a form has a line per field."""
    text = bytes(body).decode("utf-8", "backslashreplace")
    if content_type.startswith("application/x-www-form-urlencoded") and text[:1] not in ("{", "["):
        return form_lines(text)
    return indent_json(text)


def form_lines(text: str) -> str:
    """A query or form as lines `name = value`; what is no form comes back as it is."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="backslashreplace")
    except ValueError:
        return text
    return "\n".join(f"{name} = {value}" for name, value in pairs) or text
