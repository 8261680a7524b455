"""Run the background jobs; gunicorn's configuration starts this."""

import os
import secrets
import signal
import socket
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from newsroom.work import Stop, Worker, keep_renewing

# How often to look whether the process that started this one is still there, in seconds.
LOOK_EVERY = 1.0
# How long a job may go on after that, in seconds.
GRACE = 10.0


class Command(BaseCommand):
    """Run the background jobs until told to stop; only one process works at a time."""

    help = "Run the background jobs until told to stop; only one process works at a time."
    # gunicorn has asked for them before it starts this.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Say who started this, and in whose name it works."""
        parser.add_argument("--parent", type=int, help="end when the process with this id, the parent, ends")
        parser.add_argument("--holder", default="", help="the name in which the lease is held")
        parser.add_argument("--once", action="store_true", help="run each job once, then end")

    def handle(self, *args: Any, parent: int | None, holder: str, once: bool, **options: Any) -> None:
        """Work until SIGTERM, SIGINT or the end of the parent."""
        stop = Stop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop.ask)
        if parent:
            threading.Thread(target=follow, args=(parent, stop), name="parent", daemon=True).start()
        worker = Worker(holder or f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}")
        renewing = keep_renewing(worker, stop)
        try:
            while not stop.asked:
                wait = worker.step(time.monotonic())
                if once:
                    break
                stop.wait(wait)
        finally:
            stop.ask()
            worker.leave()
            renewing.join(1)


def follow(parent: int, stop: Stop) -> None:
    """Stop this process when its parent has gone, even by SIGKILL; end it when a job does not let go."""
    while not stop.wait(LOOK_EVERY):
        if os.getppid() != parent:
            stop.ask()
            time.sleep(GRACE)
            os._exit(1)
