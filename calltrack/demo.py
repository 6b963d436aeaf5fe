"""`up --demo`: the simulator beside the server, as a process that ends with it."""

import multiprocessing
import signal
import threading

from calltrack.serving import end_with_parent

PAST = {"days": 30, "calls": 300, "seed": "demo"}  # something to see at once
LIVE = {"calls": 500, "rate": 1.0, "concurrency": 2}  # and something that moves


def start(url):
    """Play to the server at that address."""
    process = multiprocessing.Process(target=play, args=(url,), daemon=True)
    process.start()
    return process


def play(url):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=end_with_parent, daemon=True).start()
    import django

    django.setup()
    from django.core.management import call_command

    from webhooks.simulator.accounts import accounts

    if not accounts():
        call_command("simulate", **PAST)
    call_command("simulate", url=url, **LIVE)
