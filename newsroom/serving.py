"""What gunicorn's configuration uses: log lines like Django's, and the keeper of the background process.

Imported by gunicorn's master, so it knows nothing of Django: a reload (HUP) reads the settings anew in new workers.
"""

import atexit
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache, partial
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

# How long the line of a request may wait for others, in seconds.
WRITE_EVERY = 0.2

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
        self._requests: deque[Request] = deque()
        self._has_writer = False

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Note a request; its line is written with others, a moment later.

        Gunicorn makes a table of all headers and of the whole environment, `logging` a record, and the system is called
        for each line: for that a stored page could be answered once more. A process that is killed takes the lines of
        its last moment along.
        """
        if not self._short:
            super().access(resp, req, environ, request_time)
            return
        self._requests.append(
            (
                time.time_ns(),
                environ["REQUEST_METHOD"],
                environ["PATH_INFO"],
                resp.status,
                resp.sent,
                request_time,
            )
        )
        if not self._has_writer:
            self._start_writer()

    def _start_writer(self) -> None:
        """Start the thread that writes the lines of this process; none lives on through a fork."""
        self._has_writer = True
        os.register_at_fork(after_in_child=partial(setattr, self, "_has_writer", False))
        threading.Thread(target=self._write_on, name="access-log", daemon=True).start()
        atexit.register(self.write_lines)

    def _write_on(self) -> None:
        while True:
            time.sleep(WRITE_EVERY)
            self.write_lines()

    def write_lines(self) -> None:
        """Write the lines of all requests that were noted."""
        noted = []
        while self._requests:
            noted.append(self._requests.popleft())
        if not noted or not self.access_log.handlers:
            return
        lines = "".join(access_line(*request) for request in noted)
        try:
            # One call of the system: lines of other processes come before or after.
            os.write(self.access_log.handlers[0].stream.fileno(), lines.encode())
        except (AttributeError, OSError, ValueError):  # closed, full, or no file: `logging` knows what to do
            for _time, *request in noted:
                self.access_log.info("%s", access_message(*request))


Request = tuple[int, str, str, Any, Any, timedelta]


def access_message(method: str, path: str, status: Any, sent: Any, request_time: timedelta) -> str:
    """Return what the log says of a request, as ACCESS_FORMAT has it, with nothing in it that is nobody's business."""
    milliseconds = request_time.seconds * 1000 + request_time.microseconds // 1000
    return f"{_asked(method, path, str(status))} {sent} bytes {milliseconds} ms"


def access_line(asked_at: int, *request: Any) -> str:
    """Return the line of a request that was answered at a time, in nanoseconds since the epoch."""
    second, nanoseconds = divmod(asked_at, 10**9)
    return f"{_clock(second)},{nanoseconds // 10**6:03} INFO gunicorn.access {access_message(*request)}\n"


@lru_cache(maxsize=1024)
def _asked(method: str, path: str, status: str) -> str:
    """Return how the line of a request begins: most ask for what others have just asked for."""
    told = masked(path).replace('"', '\\"')
    return f"{method} {told} {status.partition(' ')[0]}"


@lru_cache(maxsize=2)
def _clock(second: int) -> str:
    """Return a second as it stands in a log line."""
    return time.strftime(LineFormatter.default_time_format, time.localtime(second))


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
