"""PUBLIC_URL: where people and providers reach us."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def split_public_url(url):
    """Its parts, checked. Only scheme, host and port: we serve at the root."""
    parts = urlsplit(url.rstrip("/"))
    try:
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:  # a port that is none
        usable = False
    if not usable or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ImproperlyConfigured("PUBLIC_URL must be like https://calls.example.com")
    return parts
