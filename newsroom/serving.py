"""What gunicorn's configuration uses: log lines like Django's, and the keeper of the background process.

Imported by gunicorn's master, so it knows nothing of Django: a reload (HUP) reads the settings anew in new workers.
"""

import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from logging import FileHandler, StreamHandler
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from newsroom.logs import LineFormatter, masked

ROOT = Path(__file__).resolve().parent.parent
# A background process that ends at once is started again after this many seconds, not in a loop.
PAUSE = 2.0
# How long a job may go on once the server stops, in seconds; then it is killed, as a power cut would.
GRACE = 10.0
# How often the master looks whether the background process is there, in seconds.
LOOK_EVERY = 1.0

# What is needed to see that the site works: path and no query string, no network address, no agent.
ACCESS_FORMAT = "%(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"


class ServerLogger(Logger):
    """Gunicorn's log lines in the form of all others, masked alike."""

    def setup(self, cfg: Any) -> None:
        """Set up the handlers, then their format."""
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            for handler in logger.handlers:
                handler.setFormatter(LineFormatter())
        # What goes elsewhere, or in another form, goes the long way.
        self._short = (
            cfg.access_log_format == ACCESS_FORMAT
            and not (cfg.logconfig or cfg.logconfig_dict or cfg.logconfig_json)
            and [type(handler) in (StreamHandler, FileHandler) for handler in self.access_log.handlers]
            == [True]
        )
        self._second: tuple[int, str] = (0, "")

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of a request.

        Gunicorn makes a table of all headers and of the whole environment, and `logging` a record, for which a stored
        page would have to be answered twice. So the line is put together here, and written as it is.
        """
        if not self._short:
            super().access(resp, req, environ, request_time)
            return
        status = str(resp.status).partition(" ")[0]
        milliseconds = request_time.seconds * 1000 + request_time.microseconds // 1000
        told = masked(
            f"INFO gunicorn.access {environ['REQUEST_METHOD']} {environ['PATH_INFO']} {status} {resp.sent} bytes"
            f" {milliseconds} ms"
        ).replace('"', '\\"')
        try:
            # One call of the system is one line, whoever else writes at this moment.
            os.write(self.access_log.handlers[0].stream.fileno(), f"{self._now()} {told}\n".encode())
        except (AttributeError, OSError, ValueError):  # closed, full, or no file: `logging` knows what to do
            super().access(resp, req, environ, request_time)

    def _now(self) -> str:
        """Return the time as it stands in a log line; all but the milliseconds is made once a second."""
        second, nanoseconds = divmod(time.time_ns(), 10**9)
        known, text = self._second
        if known != second:
            text = time.strftime(LineFormatter.default_time_format, time.localtime(second))
            self._second = second, text
        return f"{text},{nanoseconds // 10**6:03}"


class Background:
    """The one background process of a gunicorn master: started with it, started again when it ends, stopped with it.

    If the master is killed, the process sees that its parent is gone and ends by itself.

    A timer asks once a second whether the process is there. No thread waits for it: the master forks its workers, and
    a fork takes along whatever locks and pipes another thread holds at that moment, for ever.

    `sockets` returns what the server listens on: the process must not hold it, or the port stayed taken after the
    server's end.
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
        self.began = -pause

    def start(self) -> None:
        """Start the process, and the timer that looks after it."""
        signal.signal(signal.SIGALRM, self.look)
        signal.setitimer(signal.ITIMER_REAL, LOOK_EVERY, LOOK_EVERY)
        self.look()

    def reload(self) -> None:
        """End the process after its current job; a new one starts with the code and settings of now."""
        self._signal(signal.SIGTERM)
        self.began = -self.pause

    def stop(self) -> None:
        """End the process after its current job, or kill it when that takes too long."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._signal(signal.SIGTERM)
        until = time.monotonic() + GRACE
        while self.is_running() and time.monotonic() < until:
            time.sleep(0.02)
        if self.is_running():
            self._say(logging.WARNING, f"Background process did not stop in {GRACE:g} s: killed")
            self._signal(signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self.pid or 0, 0)

    def is_running(self) -> bool:
        """Return whether the process is there."""
        if self.pid is None:
            return False
        try:
            if os.waitpid(self.pid, os.WNOHANG) == (0, 0):
                return True
        except ChildProcessError:
            pass  # gunicorn waits for any child and was first
        self.pid = None
        return False

    def look(self, *args: object) -> None:
        """Start the process if it is not there; may interrupt the master anywhere, so it takes no lock."""
        # Right after a fork a signal meant for the master can still run its handler in the child.
        if os.getpid() != self.master or self.is_running() or time.monotonic() < self.began + self.pause:
            return
        self.began = time.monotonic()
        closed = [(os.POSIX_SPAWN_CLOSE, number) for number in self.sockets()]
        try:
            self.pid = os.posix_spawn(self.command[0], self.command, os.environ, file_actions=closed)
        except OSError as error:
            self._say(logging.ERROR, f"Background process cannot be started: {error}")
        else:
            self._say(logging.INFO, f"Background process started (pid: {self.pid})")

    def _say(self, level: int, text: str) -> None:
        """Write a log line without the lock of a handler, which the interrupted master may hold."""
        record = logging.LogRecord("newsroom.background", level, __file__, 0, text, None, None)
        os.write(2, f"{LineFormatter().format(record)}\n".encode())

    def _signal(self, number: int) -> None:
        if os.getpid() == self.master and self.is_running() and self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
