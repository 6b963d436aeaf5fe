"""Schemathesis against the live server: does the API keep to its description?

    python -m tests.described [--max-examples 200] [further options of `st run`]

starts a server on a database of its own, with some of everything in it, and asks every operation
what its description allows and what it forbids. tests/test_schemathesis.py does it in short.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from zlib import crc32

import yaml

from tests.server import ROOT, environment, running_server

HOOKS = Path(__file__).with_name("described_hooks.py")
DESCRIPTION = ROOT / "calltrack" / "openapi.yaml"
# Nobody's throttle is what is tried here.
UNTHROTTLED = {
    f"API_RATE_{bucket}": "0" for bucket in ("READ", "WRITE", "CHANGES", "EXPORT", "UNKNOWN_KEYS")
}
IN_SHORT = ["--max-examples", "5", "--generation-deterministic", "--no-shrink"]
MOST_WORDS = 4  # of those that a parameter may have, `fields` foremost
METHODS = {"get", "post", "put", "patch", "delete"}


def fill() -> str:
    """Some of everything in the database of the settings; a key that may do all."""
    from calls import api_keys
    from calls.models import Disposition
    from tests.described_hooks import DISPOSITION
    from tests.desk_world import World

    World().grow()
    Disposition.objects.create(name=DISPOSITION)
    return api_keys.create("schemathesis", list(api_keys.SCOPES))[1]


def in_short(folder) -> Path:
    """The description with one query parameter of each type per operation, another one in each, and
    few words for it: a filter of moments is like the other nineteen, and each costs a dozen
    requests."""
    description = yaml.safe_load(DESCRIPTION.read_bytes())
    for path, item in description["paths"].items():
        for method in item.keys() & METHODS:
            operation = item[method]
            alike = defaultdict(list)
            for one in operation.get("parameters", []):
                alike[one["in"], one["name"] * (one["in"] != "query"), str(one["schema"])] += [one]
            turn = crc32(path.encode())
            kept = [several[turn % len(several)] for several in alike.values()]
            for schema in (one["schema"].get("items", one["schema"]) for one in kept):
                if words := schema.get("enum"):
                    schema["enum"] = words[:: len(words) // MOST_WORDS + 1]
            operation["parameters"] = kept
    shorter = Path(folder) / "openapi.yaml"
    shorter.write_text(yaml.safe_dump(description, sort_keys=False))
    return shorter


def run(
    url: str, key: str, folder, *options: str, description=DESCRIPTION
) -> subprocess.CompletedProcess:
    """Schemathesis with all its checks and phases; what it found is in `stdout`."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", description, "--url", url]
    command += ["--header", f"Authorization: Bearer {key}", "--request-timeout", "60"]
    command += ["--no-color", "--continue-on-failure", "--warnings", "off", *options]
    env = os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS), "PYTHONPATH": str(ROOT)}
    # Its own files, its memory of examples among them, stay out of the repository.
    return subprocess.run(
        [str(word) for word in command], cwd=folder, env=env, text=True, stdout=subprocess.PIPE
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--max-examples", default="200")
    options, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder, running_server(folder, env=UNTHROTTLED) as server:
        code = "from tests.described import fill; print(fill())"
        made = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "--command", code],
            env=environment(folder),
            cwd=ROOT,
            check=True,
            text=True,
            capture_output=True,
        )
        key = made.stdout.split()[-1]
        done = run(server.url, key, folder, "--max-examples", options.max_examples, *more)
    print(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
