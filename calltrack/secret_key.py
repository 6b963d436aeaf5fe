"""The secret key of an installation that was given none: made once, kept beside its data."""

import contextlib
import os
import secrets

from django.core.exceptions import ImproperlyConfigured


def load_or_create(path):
    try:
        if not path.exists():
            create(path)
        key = path.read_text().strip()
    except OSError as error:
        reason = error.strerror or error
        raise ImproperlyConfigured(f"no SECRET_KEY, and {path} cannot be used: {reason}") from error
    if len(key) < 50:
        raise ImproperlyConfigured(f"no SECRET_KEY, and {path} holds no key; remove it")
    return key


def create(path):
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mine = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(mine, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(50) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole or not at all, and never replaces the key of whoever was first.
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)
    finally:
        mine.unlink(missing_ok=True)
