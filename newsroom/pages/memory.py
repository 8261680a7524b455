"""What a process has in memory of the stored pages: those that it was asked for last."""

import os
import threading
import time

from newsroom.pages.stored import StoredPage

# What a request names a page by: HTTP_HOST, SCRIPT_NAME, PATH_INFO, QUERY_STRING, as they came.
Asked = tuple[str, str, str, str]

# How many pages a process holds at most: each keeps a file open, and most systems allow a thousand.
PAGES = 300
# How much they take at most, in bytes.
BYTES = 32_000_000


class Held:
    """A stored page and its file, which is open as long as somebody has the page.

    Whoever removes the file or puts another in its place takes its last name from it, and the system tells that of an
    open file without looking for a path. Should somebody else have given it another name, as a backup by hard links
    does, then the time of its last change tells it.

    Raises OSError if there is no file, ValueError or TypeError if it holds no page.
    """

    __slots__ = ("changed_at", "descriptor", "page")

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        status = os.fstat(self.descriptor)
        self.changed_at = status.st_ctime_ns
        with open(self.descriptor, "rb", closefd=False) as file:
            self.page = StoredPage.from_bytes(file.read())

    def __del__(self) -> None:
        # Not before the last one who has it lets go: the number would be given to another file.
        if (descriptor := getattr(self, "descriptor", None)) is not None:
            os.close(descriptor)

    def is_right(self) -> bool:
        """Return whether the page is still stored, and holds now."""
        status, page, now = os.fstat(self.descriptor), self.page, time.time()
        if not status.st_nlink or status.st_ctime_ns != self.changed_at:
            return False
        # Nor before it was made, should a clock be set back.
        return page.since <= now and (page.until is None or now < page.until)


class Memory:
    """The pages that were asked for last. Whoever takes one out of `pages` asks whether it is still right."""

    def __init__(self, number: int = PAGES, max_bytes: int = BYTES) -> None:
        self.number, self.max_bytes, self.bytes = number, max_bytes, 0
        self.pages: dict[Asked, Held] = {}
        self._lock = threading.Lock()

    def hold(self, asked: Asked, held: Held) -> None:
        """Hold a page; let go of those that came first if there is no room."""
        with self._lock:
            self._drop(asked)
            self.pages[asked] = held
            self.bytes += held.page.size
            while len(self.pages) > self.number or (self.bytes > self.max_bytes and len(self.pages) > 1):
                self._drop(next(iter(self.pages)))

    def drop(self, asked: Asked) -> None:
        """Hold a page no longer."""
        with self._lock:
            self._drop(asked)

    def _drop(self, asked: Asked) -> None:
        if held := self.pages.pop(asked, None):
            self.bytes -= held.page.size
