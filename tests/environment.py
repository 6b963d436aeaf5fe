"""Loaded by pytest before Django: the tests' own data, whatever this machine is set to."""

import atexit
import os
import shutil
import tempfile

INHERITED = ("PUBLIC_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "LOG_FORMAT", "LOG_LEVEL")
INHERITED += ("CORS_ALLOWED_ORIGINS",)

if "CALLTRACK_TESTS" not in os.environ:  # workers of xdist find it set by the process before them
    directory = os.environ["CALLTRACK_TESTS"] = tempfile.mkdtemp(prefix="calltrack-tests-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    os.environ["CALLTRACK_DATA"] = directory
    for name in INHERITED:
        os.environ.pop(name, None)
    for bucket in ("READ", "WRITE", "CHANGES", "EXPORT", "UNKNOWN_KEYS"):
        os.environ[f"API_RATE_{bucket}"] = "0"  # tests ask often; those of rates say so
    # A machine busy with other tests is slow to connect, not broken.
    os.environ["DATABASE_PATIENCE"] = "60"
