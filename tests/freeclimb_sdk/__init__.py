import pytest

pytest.register_assert_rewrite("tests.freeclimb_sdk.checks", "tests.freeclimb_sdk.client")
