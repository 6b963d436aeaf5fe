#!/usr/bin/env python3
"""Django's command line, on a machine that may have nothing but Python.

Where the packages of requirements.txt are missing, `.venv` is made, they are installed into it and
the command goes on in it. Old Pythons must still be able to read this file, to be told so.
"""

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed")  # what is installed: a file's name and its hash a line
UNFINISHED = "unfinished\n"
SECOND_ROUND = "CALLTRACK_BOOTSTRAPPED"


def main():
    if sys.version_info < (3, 11):
        stop("Python 3.11 or newer is needed, this is {}.{}".format(*sys.version_info[:2]))
    wanted = ["requirements.txt"]
    if sys.argv[1:2] in (["test"], ["bench"]):
        wanted.append("tests/requirements.txt")
    try:
        enter_environment(wanted)
        run()
    except KeyboardInterrupt:
        sys.exit(130)


def run():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        _ = settings.DATABASES  # reads them
    except ImproperlyConfigured as error:
        stop(error)
    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        from django.db import Error

        if not isinstance(error, Error) or "--traceback" in sys.argv:
            raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        stop("the database cannot be used: {}; `up` or `migrate` prepares it".format(reason))


def stop(reason):
    sys.exit("manage.py: {}".format(reason))


def say(text):
    # Not on standard output: some commands print for programs.
    sys.stderr.write("manage.py: {}\n".format(text))
    sys.stderr.flush()


def enter_environment(wanted):
    """Return where all that is wanted can be imported; otherwise go on in .venv and not return."""
    second_round = os.environ.pop(SECOND_ROUND, None)
    inside = os.path.realpath(sys.prefix) == os.path.realpath(VENV)
    if inside and up_to_date(wanted):
        return
    if not (inside and os.path.exists(STAMP)) and importable(wanted):
        return  # somebody's own environment
    if second_round:
        stop("the packages in .venv cannot be used; remove .venv and try again")
    if not up_to_date(wanted):
        try:
            prepare(wanted)
        except OSError as error:
            stop("cannot prepare {}: {}".format(VENV, error.strerror or error))
    os.environ[SECOND_ROUND] = "1"
    os.execv(PYTHON, [PYTHON] + sys.argv)


def prepare(wanted):
    import fcntl
    import importlib.util

    if not all(map(importlib.util.find_spec, ["venv", "ensurepip"])):
        stop("this Python cannot make environments; install venv (Debian: python3-venv)")
    lock = os.open(VENV + ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another manage.py that is preparing .venv")
        fcntl.flock(lock, fcntl.LOCK_EX)
    if up_to_date(wanted):
        return
    if not usable():
        say("making .venv (once)")
        # Whatever is in it was left by an interrupted start.
        base = getattr(sys, "_base_executable", sys.executable)
        execute(lock, [base, "-m", "venv", "--clear", VENV], "cannot make .venv")
    done = installed()
    missing = [name for name in wanted if done.get(name) != file_hash(name)]
    say("installing {}".format(" and ".join(missing)))
    write_stamp(UNFINISHED)
    pip = [PYTHON, "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check"]
    pip += ["--no-input", "--progress-bar", "on"]
    for name in missing:
        pip += ["-r", os.path.join(ROOT, name)]
    execute(lock, pip, "the packages could not be installed, see above")
    done.update((name, file_hash(name)) for name in missing)
    write_stamp("".join("{} {}\n".format(*item) for item in sorted(done.items())))
    say("done")


def execute(lock, command, complaint):
    import subprocess

    # pip's own settings that would lead it out of .venv, or Python's into another place.
    strays = ["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH"]
    environ = {key: value for key, value in os.environ.items() if key not in strays}
    # The child keeps the lock: it may outlive us when we are killed.
    process = subprocess.run(command, stdout=sys.stderr, env=environ, pass_fds=[lock], check=False)
    if process.returncode:
        stop(complaint)


def usable():
    """Whether .venv was finished once and its Python still runs."""
    import subprocess

    if not installed() or not os.access(PYTHON, os.X_OK):
        return False
    quiet = subprocess.DEVNULL
    probe = [PYTHON, "-c", "import pip"]
    return not subprocess.run(probe, stdout=quiet, stderr=quiet, check=False).returncode


def up_to_date(wanted):
    done = installed()
    return os.access(PYTHON, os.X_OK) and all(done.get(name) == file_hash(name) for name in wanted)


def installed():
    """Each requirements file with the hash it had when it was installed."""
    try:
        with open(STAMP) as stamp:
            text = stamp.read()
    except OSError:
        return {}
    return {} if text == UNFINISHED else dict(line.split() for line in text.splitlines())


def write_stamp(text):
    with open(STAMP + ".new", "w") as stamp:
        stamp.write(text)
    os.replace(STAMP + ".new", STAMP)


def file_hash(name):
    import hashlib

    with open(os.path.join(ROOT, name), "rb") as requirements:
        return hashlib.sha256(requirements.read()).hexdigest()


def importable(wanted):
    """Whether the running Python has every package named, without asking for exact versions."""
    import re
    from importlib.metadata import PackageNotFoundError, distribution

    for name in wanted:
        with open(os.path.join(ROOT, name)) as requirements:
            lines = re.findall(r"^([\w-]+)==[^;\n]*$", requirements.read(), re.MULTILINE)
        try:
            for package in lines:  # those with a marker (";") are for other systems
                distribution(package)
        except PackageNotFoundError:
            return False
    return True


if __name__ == "__main__":
    main()
