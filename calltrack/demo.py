"""`up --demo`: the simulator beside the server, as a process that ends with it."""

import multiprocessing
import signal
import threading

from calltrack.serving import end_with_parent

# Something to see at once, the last day more than the month before it, and something that moves.
PAST = [
    {"days": 1, "calls": 250, "seed": "demo, the last day"},
    {"days": 30, "calls": 1_500, "seed": "demo"},
]
LIVE = {"calls": 5_000, "rate": 3.0, "concurrency": 2}


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
    from webhooks.simulator.oddities import hand_in_oddities
    from webhooks.simulator.staff import write_as_staff_would

    if not accounts():
        for past in PAST:
            call_command("simulate", **past)
        hand_in_oddities()
        write_as_staff_would()
    call_command("simulate", url=url, **LIVE)
