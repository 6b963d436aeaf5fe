"""The HTTP server: granian, one or more processes with threads."""

import contextlib
import errno
import fcntl
import gc
import logging
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import partial
from multiprocessing import resource_tracker

from django.conf import settings
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from calltrack import stopping

logger = logging.getLogger(__name__)


class CannotServe(Exception):
    """Said to the user in one line."""


@contextlib.contextmanager
def only_one(data_dir):
    """Refuse a second server on the same data for as long as this one runs."""
    path = data_dir / "up.lock"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open(path, "a")  # noqa: SIM115 closed below
    except OSError as error:
        raise CannotServe(f"cannot write to {data_dir}: {error.strerror}") from error
    with lock:
        try:
            # The system lets go of it when we end, however we end.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotServe(f"another `up` is running on {data_dir}") from error
        yield


def free_address(host, port):
    """The address to listen on, tried: granian would share a busy port without a word."""
    if not 0 <= port <= 65_535:  # the system would take it modulo 65,536
        raise CannotServe(f"no such port: {port}")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            return trial.getsockname()[:2]
    except socket.gaierror as error:
        raise CannotServe(f"no such host: {host}") from error
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        why = "something else is listening there" if busy else error.strerror
        raise CannotServe(f"cannot listen on {host} port {port}: {why}") from error


def serve(host, port, *, workers, threads, when_ready, when_told):
    """Serve until told to stop by SIGTERM or Ctrl-C; others hear of it at once by `when_told`."""
    # A fork would inherit our threads' locks and connections.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "calltrack.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        http=HTTPModes.http1,  # over HTTP/2 it drops the body of a GET
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        respawn_failed_workers=True,
        workers_kill_timeout=settings.STOP_SECONDS,
        log_level="error",  # it would warn of more threads than processors; ours mostly wait
        log_access=False,  # paths hold tokens, query strings hold people's numbers
    )
    watcher = threading.Thread(target=call_when_ready, args=(host, port, when_ready), daemon=True)
    server.on_startup(watcher.start)
    server.on_startup(lambda: tell_too(when_told))
    server.on_shutdown(server.forgive_those_told_too)
    server.main_loop_interrupt = Bell()
    server.serve(target_loader=load_application)


class Server(Granian):
    """granian, where a signal reaches its workers too, as a terminal's and systemd's do."""

    def _spawn_workers(self, *args):
        with interrupts_kept_from_children():
            super()._spawn_workers(*args)

    def _spawn_worker(self, idx, target, callback_loader):
        callback_loader = partial(callback_loader, place=idx)
        return super()._spawn_worker(idx, target, callback_loader)

    def _respawn_workers(self, *args, **kwargs):
        # Its loop has just cleared its event: a stop told a moment before would be waited for
        # forever.
        if self.interrupt_signal:
            self.main_loop_interrupt.set()
            return
        with interrupts_kept_from_children():
            super()._respawn_workers(*args, **kwargs)

    def forgive_those_told_too(self):
        """A worker that ended before the server heard of the stop has not failed."""
        if self.interrupt_signal:
            self.interrupt_children.clear()


class Bell:
    """What the server's loop waits for, in place of an Event. A signal that comes just before a
    thread blocks in Event.wait is not heard until the next one (seen), and one that comes within it
    can set no Event without locking itself out. This pipe the system rings at every signal."""

    def __init__(self):
        self._rung = False
        self._heard, self._rope = socket.socketpair()
        self._heard.setblocking(False)
        self._rope.setblocking(False)
        signal.set_wakeup_fd(self._rope.fileno(), warn_on_full_buffer=False)

    def set(self):
        self._rung = True
        with contextlib.suppress(BlockingIOError):  # full: it rings already
            self._rope.send(b"\0")

    def clear(self):
        self._rung = False

    def wait(self):
        while not self._rung:
            select.select([self._heard], [], [])
            with contextlib.suppress(BlockingIOError):
                self._heard.recv(4_096)


@contextlib.contextmanager
def interrupts_kept_from_children():
    """Until a worker has a group of its own Ctrl-C reaches it too, and then the server's SIGTERM.
    One that gets both at once sometimes hangs (tried)."""
    resource_tracker.ensure_running()  # else the first child starts it, and that unblocks
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def tell_too(when_told):
    """It sits in a signal's handler, after the server's own."""
    for number in (signal.SIGTERM, signal.SIGINT):
        theirs = signal.getsignal(number)

        def both(*args, theirs=theirs):
            theirs(*args)
            when_told()

        signal.signal(number, both)


def call_when_ready(host, port, when_ready):
    pause = threading.Event()
    while True:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=5):
            break
        pause.wait(0.05)
    when_ready()


def load_application(target, place):
    """In a worker, the one at this place: the application."""
    stay_on_one_processor(place)
    # In a group of its own: of a signal to the terminal's or the shell's it hears by the server
    # alone. One that is told twice complains while it ends.
    os.setpgid(0, 0)
    threading.Thread(target=end_with_parent, daemon=True).start()
    stopping.listen()
    from django.urls import get_resolver

    from calltrack.wsgi import application

    get_resolver().url_patterns  # noqa: B018 loads all views
    settle_memory()
    return application


def stay_on_one_processor(place):
    """A process's threads take turns anyway. Spread over processors each turn costs more: 1,997
    webhooks a second with 551 µs of CPU each, on one 2,466 with 467. Servers begin at different
    ones."""
    if hasattr(os, "sched_setaffinity"):  # Linux
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[(os.getppid() + place) % len(allowed)]})


def settle_memory():
    """What was loaded stays: looking through it again and again for garbage cost a request in
    twenty 80 ms (95th percentile of the API's lists 113 → 40 ms). What comes after is looked
    through every 50,000 objects: every 700, a webhook cost an eighth more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, *gc.get_threshold()[1:])


def end_with_parent():
    """A server that was killed must not leave workers behind on its port.

    Nothing is lost: what was acknowledged is in the database.
    """
    multiprocessing.parent_process().join()
    os._exit(1)


class JobWorker:
    """`manage.py work` beside the server: a process that is replaced when it dies, and that ends
    with us however we end, for its standard input closes then."""

    def __init__(self):
        self.command = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        self.command += ["work", "--with-parent"]
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.told = False
        self.process = None

    def start(self):
        threading.Thread(target=self.keep, daemon=True).start()

    def keep(self):
        pause = 0.5
        while True:
            begun = time.monotonic()
            with self.lock:
                if self.told or self.stopping.is_set():
                    return
                # In a group of its own: a terminal's Ctrl-C is for us, and we tell it.
                self.process = subprocess.Popen(
                    self.command, stdin=subprocess.PIPE, process_group=0
                )
            code = self.process.wait()
            # One that dies at its start would be started as fast as the machine can.
            pause = 1 if time.monotonic() - begun > 60 else min(2 * pause, 30)
            if self.told or self.stopping.wait(pause):
                return
            logger.error("The worker of background jobs ended (%d); starting another", code)

    def tell(self):
        """To stop soon; from a signal's handler, so without any lock."""
        self.told = True
        if self.process is not None:
            self.process.terminate()

    def stop(self):
        """It finishes the step it is at, within settings.STOP_SECONDS."""
        with self.lock:
            self.stopping.set()
        if self.process is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(settings.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
