"""What gunicorn's configuration uses: log lines like Django's, and the keeper of the background process.

Imported by gunicorn's master, so it knows nothing of Django: a reload (HUP) reads the settings anew in new workers.
"""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from newsroom.logs import LineFormatter

ROOT = Path(__file__).resolve().parent.parent
# A background process that ends at once is started again after this many seconds, not in a loop.
PAUSE = 2.0
# How long a job may go on once the server stops, in seconds; then it is killed, as a power cut would.
GRACE = 10.0

log = logging.getLogger("gunicorn.error")


class ServerLogger(Logger):
    """Gunicorn's log lines in the form of all others, masked alike."""

    def setup(self, cfg: Any) -> None:
        """Set up the handlers, then their format."""
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            for handler in logger.handlers:
                handler.setFormatter(LineFormatter())


class Background:
    """The one background process of a gunicorn master: started with it, started again when it ends, stopped with it.

    If the master is killed, the process sees that its parent is gone and ends by itself.

    `sockets` returns what the server listens on: the process must not hold it, or the port stayed taken after the
    server's end. It is spawned and not forked by `subprocess`: the master forks its workers meanwhile, and one of them
    would inherit the pipe on which Popen waits for the start, and Popen would wait as long as the worker lives.
    """

    def __init__(
        self,
        sockets: Callable[[], Iterable[int]] = tuple,
        command: list[str] | None = None,
        pause: float = PAUSE,
    ) -> None:
        self.master = os.getpid()
        # The lease is held in this name, so that a restarted process goes on at once where its predecessor died.
        self.holder = f"{socket.gethostname()[:40]}:{self.master}:{secrets.token_hex(4)}"
        self.command = command or [
            *(sys.executable, str(ROOT / "manage.py"), "work"),
            *("--parent", str(self.master), "--holder", self.holder),
        ]
        self.sockets = sockets
        self.pause = pause
        self.pid: int | None = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._keep, name="background", daemon=True)

    def start(self) -> None:
        """Start the process and the thread that keeps it running."""
        self.thread.start()

    def reload(self) -> None:
        """End the process after its current job; a new one starts with the code and settings of now."""
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """End the process after its current job, or kill it when that takes too long."""
        self.stopping.set()
        self._signal(signal.SIGTERM)
        self.thread.join(GRACE)
        if self.thread.is_alive():
            log.warning("The background process did not stop in %g s: killed", GRACE)
            self._signal(signal.SIGKILL)
            self.thread.join(1)

    def _keep(self) -> None:
        while not self.stopping.is_set():
            began = time.monotonic()
            closed = [(os.POSIX_SPAWN_CLOSE, number) for number in self.sockets()]
            try:
                self.pid = os.posix_spawn(self.command[0], self.command, os.environ, file_actions=closed)
            except OSError as error:
                log.error("The background process cannot be started: %s", error)
            else:
                log.info("Background process started (pid: %s)", self.pid)
                if self.stopping.is_set():
                    self._signal(signal.SIGTERM)
                with suppress(ChildProcessError):  # gunicorn waits for any child and may be first
                    os.waitpid(self.pid, 0)
                if not self.stopping.is_set():
                    log.warning("Background process ended (pid: %s): starting another", self.pid)
                self.pid = None
            if time.monotonic() - began < self.pause:
                self.stopping.wait(self.pause)

    def _signal(self, number: int) -> None:
        if self.pid is not None and os.getpid() == self.master:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
