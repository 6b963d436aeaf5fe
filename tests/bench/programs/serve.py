"""Serves a WSGI application as `up` serves ours, for comparison.

python -m tests.bench.programs.serve MODULE:NAME PORT WORKERS THREADS
"""

import multiprocessing
import sys
from importlib import import_module

from granian.constants import HTTPModes, Interfaces

from calltrack import serving


def load(target, place):
    serving.stay_on_one_processor(place)
    module, _, name = target.partition(":")
    application = getattr(import_module(module), name)
    serving.settle_memory()
    return application


def main(target, port, workers, threads):
    multiprocessing.set_start_method("spawn", force=True)
    serving.Server(
        target,
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(workers),
        blocking_threads=int(threads),
        http=HTTPModes.http1,
        websockets=False,
        workers_kill_timeout=5,  # a worker that misses its signal would be waited for forever
        log_level="error",
        log_access=False,
    ).serve(target_loader=load)


if __name__ == "__main__":
    main(*sys.argv[1:])
