"""SQLite whose writers queue before BEGIN.

SQLite lets one write at a time, and whoever finds it taken sleeps and tries again, up to a tenth of a second each
time: who comes next is a matter of luck, and with many writers some wait for many seconds. Here they wait for a lock of
a file beside the database, which the kernel hands on in the order of arrival and takes back from whoever dies.
"""

import fcntl
import os
import threading
from collections import defaultdict
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

# Whose turn it is among the threads of this process, by the file of the queue.
_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
# A child begins with nobody in line.
os.register_at_fork(after_in_child=_turns.clear)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that stands in line before it begins to write."""

    # What is held while a transaction goes on: this process's turn, and the open file that is locked.
    _turn: "threading.Lock | None" = None
    _place: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        """Wait for the writers before this one, then begin.

        Raises OperationalError when its patience (OPTIONS, `timeout`) has ended in the line, or the line's file cannot
        be opened: too many files are open, or it is another user's.
        """
        try:
            self._line_up()
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]  # not in the stubs
        finally:
            # A COMMIT that failed leaves the transaction open: a rollback follows.
            if self.connection is None or not self.connection.in_transaction:
                self._leave()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._leave()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._leave()

    def _line_up(self) -> None:
        if self._place is not None or self.is_in_memory_db():
            return
        path = f"{self.settings_dict['NAME']}.queue"
        # The threads of this process first, for so long as a writer has patience. Of each process one waits for the
        # others: the call knows no end, and would keep only that thread if one of them hung for good.
        if not _turns[path].acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5.0)):
            raise OperationalError("database is locked")
        self._turn = _turns[path]
        try:
            self._place = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._place, fcntl.LOCK_EX)
        except OSError as error:
            raise OperationalError(f"no place in the line of writers: {error}") from error

    def _leave(self) -> None:
        # Closing the file gives the lock on.
        if self._place is not None:
            os.close(self._place)
            self._place = None
        if self._turn is not None:
            self._turn.release()
            self._turn = None
