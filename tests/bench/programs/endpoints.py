"""Run on the benchmark's database: makes the endpoints that it sends to and prints them.

    python -m tests.bench.programs.endpoints

One line of JSON: provider → [endpoint's id, path, signing secret or null].
"""

import json
import os

import django

PROVIDERS = ("freeclimb", "callerdesk")


def main():
    from webhooks.simulator import accounts

    made = {provider: accounts.own(provider) for provider in PROVIDERS}
    told = {
        provider: [str(own.endpoint.id), own.target.path, own.target.secret]
        for provider, own in made.items()
    }
    print(json.dumps(told))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calltrack.settings")
    django.setup()
    main()
