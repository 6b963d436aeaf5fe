"""Fixtures for all tests."""

import hypothesis
import pytest

# How long a busy machine takes to make up an example says nothing about us.
hypothesis.settings.register_profile(
    "calltrack", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("calltrack")


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing a password slowly is the point of it, but not here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nobody_admitted():
    """What the door knew of endpoints does not outlive their rows."""
    from webhooks import admission

    admission._forget()
