"""Running management commands as programs do."""

import json
from io import StringIO

from django.core.management import call_command


def run(name, *args, **options):
    """(what a command printed for programs, what it told people)"""
    out, err = StringIO(), StringIO()
    call_command(name, *args, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def run_json(name, *args, **options):
    return json.loads(run(name, *args, **options)[0])
