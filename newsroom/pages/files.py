"""The store: pages as files on disk, the same for all processes of a machine.

    <PAGES_DIR>/index.sqlite3            which page carries which key, and what is fenced (index.py)
               /fences/<act>             locked by whoever fences; not locked any more once he has let go, or died
               /turns/<3 hex>            locked by whoever renders a page
               /new/                     files that are being written
               /current -> <release>     the release that serves, for nginx
               /<release>/pages/<name>   a page: a line of JSON, then its content
               /<release>/lasting/<host>/<path>, ….gz      the copy of a page for nginx
               /<release>/timed/<host>/<path>, ….gz, ….until   of one that ends by itself, with the clock of its end
                                         (of a photo: a link to its file)
               /<release>/quarters/<number>/<host>/<path>, ….gz    links to the copies of pages that hold all through
                                         that quarter of an hour
               /<release>/clocks/        the clocks (clocks.py)

What is purged is removed before the change is committed, so a page that is there is right: whoever answers with one
asks for its file each time, also when he has the content in memory (memory.py).
"""

import fcntl
import logging
import os
import shutil
import sqlite3
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import OperationalError

from newsroom.pages import clocks, nginx, transactions
from newsroom.pages.address import Address
from newsroom.pages.index import Index, Row
from newsroom.pages.memory import Held
from newsroom.pages.release import release_name
from newsroom.pages.store import Kept, Ledger
from newsroom.pages.stored import LinkedFile, StoredPage

log = logging.getLogger("newsroom.pages")

# No single page takes more than this part of the store.
LARGEST_PART = 20
# How long to wait for whoever renders the same page, and for a transaction that changes it, in seconds.
PATIENCE = 10.0
FENCE_PATIENCE = 0.2
# How often to look meanwhile, in seconds.
LOOK_EVERY = 0.003
# What is written and not yet in place after this many seconds has been left by somebody who died.
LEFT_OVER = 3600.0
# What even the smallest file takes on the disk, and a link at most, in bytes.
BLOCK = 4096
# Most file systems have no longer names, in bytes.
LONGEST_NAME = 240
# A warning that would come with each page comes once in so many seconds.
SAY_EVERY = 60.0
# A mark before everything.
NEVER = -1


class FileFence:
    """A fence of this process; a lock on a file tells everybody else that it still stands.

    Letting go of the object lets go of the file, as dying does: then others may take the fence down once its
    transaction is over.
    """

    def __init__(self, store: "FileStore", act: str) -> None:
        self.store, self.act, self.pages = store, act, 0
        path = store.fences / act
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._let_go = weakref.finalize(self, _let_go, os.getpid(), descriptor, str(path))

    def free(self) -> None:
        """Let pages with these keys be stored again: the transaction has ended."""
        with self.store.index.writing():
            self.store.index.free(self.act)
        self._let_go()


def _let_go(pid: int, descriptor: int, path: str) -> None:
    if pid == os.getpid():  # a forked process does not speak for its parent
        with suppress(OSError):
            os.unlink(path)
        os.close(descriptor)


class FileTurn:
    """Somebody's turn to render a page, and the file that he has locked for it."""

    def __init__(self, page: StoredPage | None = None, descriptor: int | None = None) -> None:
        self.page, self.descriptor = page, descriptor

    def pass_on(self) -> None:
        """Say that what was rendered could not be stored, but that the next one can be."""
        if self.descriptor is not None:
            os.pwrite(self.descriptor, b"1", 0)


class FileStore:
    """Pages on disk, in the folder PAGES_DIR."""

    keeps = True

    def __init__(self) -> None:
        self.folder = Path(settings.PAGES_DIR)
        self.fences, self.turns, self.new = (self.folder / name for name in ("fences", "turns", "new"))
        self.release = release_name()
        self.index = Index(self.folder / "index.sqlite3", self._begin)
        self.ledger: Ledger | None = self.index
        self.max_bytes = settings.PAGES_MAX_BYTES
        self._said = 0.0
        self._serves = False
        self._make_folders()
        self.index.create()

    def _make_folders(self) -> None:
        for path in (self.fences, self.turns, self.new):
            path.mkdir(parents=True, exist_ok=True)

    def _begin(self) -> None:
        """Begin without any page: at first, or after somebody has removed the folder under a running site."""
        self._make_folders()
        self._clear()
        if self._serves:
            self._lead_nginx()

    def place(self) -> list[str]:
        """Return the folder, and whether the pages of this release are those that readers get."""
        current = self.folder / "current"
        serving = os.readlink(current) if current.is_symlink() else ""
        if serving == self.release:
            about = "the one that serves"
        else:
            about = f"but {serving} serves" if serving else "none serves yet"
        return [f"Folder: {self.folder}", f"Release: {self.release} ({about})"]

    def serve(self) -> None:
        """Begin to serve: clear away what other releases and dead processes left, and tell nginx where to look."""
        current = self.folder / "current"
        before = os.readlink(current) if current.is_symlink() else self.release
        with self.index.writing():
            rows = self.index.all_pages() if self.index.boot(_boot()) else None
            if rows is None:
                # Processes of the release before still answer for a while.
                rows = self.index.of_other_releases(self.release, before)
            self._remove(rows)
        for left in self.new.iterdir():
            with suppress(OSError):
                if left.lstat().st_mtime < time.time() - LEFT_OVER:
                    left.unlink()
        self._clear(self.release, before)
        self._serves = True
        self._lead_nginx()

    def _lead_nginx(self) -> None:
        """Have nginx look for pages of this release."""
        link = self.new / uuid4().hex
        link.symlink_to(self.release)
        link.replace(self.folder / "current")

    def _clear(self, *spared: str) -> None:
        """Remove the files of all releases but these."""
        for folder in self.folder.iterdir():
            if (folder / "pages").is_dir() and not folder.is_symlink() and folder.name not in spared:
                _remove_folder(folder)

    # Fences

    def fence(self, keys: Iterable[str], about: int | None = None) -> FileFence:
        """Remove the pages that carry these keys; store none until the fence is freed or its transaction is over.

        Raises OperationalError, as a database does, if that cannot be done: then nothing may be changed either.
        """
        token = transactions.token()
        try:
            with self.index.writing():
                fence = FileFence(self, uuid4().hex)
                rows = self.index.fence(fence.act, keys, token, about)
                self._remove(rows)
            fence.pages = len(rows)
        except (OSError, sqlite3.Error) as error:
            raise OperationalError(f"Stored pages cannot be removed from {self.folder}: {error}") from error
        return fence

    def _stands(self, keys: Iterable[str]) -> bool:
        """Return whether one of these keys is fenced; take down fences that were left over."""
        stands = False
        for act, token in self.index.fences(keys):
            if self._is_held(act) or not transactions.is_over(token):
                stands = True
                continue
            with self.index.writing():
                self.index.free(act)
        return stands

    def _is_held(self, act: str) -> bool:
        """Return whether the process that fences is there and has not let go."""
        path = self.fences / act
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)
        return False

    # Pages

    def find(self, address: Address) -> StoredPage | None:
        """Return the page that is stored for an address and holds now."""
        held = self.held(address)
        return held.page if held else None

    def held(self, address: Address) -> Held | None:
        """Return that page with its file, open."""
        try:
            held = Held(self._path(self._name(address)))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            self._say("A stored page cannot be read: %s", error)
            return None
        return held if held.is_right() else None

    def mark(self) -> int:
        """Return a mark of now; what is fenced later is later than this."""
        try:
            return self.index.mark()
        except (OSError, sqlite3.Error):
            return NEVER

    def keep(self, address: Address, page: StoredPage, keys: set[str], mark: int) -> tuple[Kept, StoredPage]:
        """Store a page whose render began at `mark`, unless one of its keys was fenced since."""
        if page.length > self.max_bytes // LARGEST_PART or (page.until and page.until <= time.time()):
            return Kept.REFUSED, page
        try:
            return self._keep(address, page, keys, mark)
        except (OSError, sqlite3.Error) as error:
            self._say("A page cannot be stored: %s", error)
            return Kept.REFUSED, page

    def _keep(self, address: Address, page: StoredPage, keys: set[str], mark: int) -> tuple[Kept, StoredPage]:
        copy = _copy(address)
        with self._place(address, keys, mark, page.digest()) as (kept, row):
            if row is None:
                return kept, page
            page = page.of_version(row.version)
            size = self._write(row.name, page) + (self._write_copy(address, copy, page) if copy else 0)
            self.index.stored(row.name, keys, size, page.until)
            self._make_room()
        self._sweep_quarters()
        return Kept.STORED, page

    def link(self, address: Address, linked: LinkedFile, keys: set[str], mark: int) -> Kept:
        """Lead nginx to the file that is answered for an address, on the same terms as a page is stored."""
        copy = _copy(address)
        if not copy or (linked.until and linked.until <= time.time()):
            return Kept.REFUSED
        path = self._copy_path(copy, linked.until)
        if self._shows(path, linked.until):
            return Kept.STORED
        if not self._is_as_nginx_sends(address, linked.headers):
            return Kept.REFUSED
        try:
            with self._place(address, keys, mark, str(linked.file)) as (kept, row):
                if row is not None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.symlink_to(linked.file)
                    if linked.until is not None:
                        self._set_clock(path, linked.until)
                    self.index.stored(row.name, keys, BLOCK, linked.until)
                    self._make_room()
                return kept
        except (OSError, sqlite3.Error) as error:
            self._say("A file cannot be linked: %s", error)
            return Kept.REFUSED

    def _shows(self, path: Path, until: float | None) -> bool:
        """Return whether nginx finds the link already, and answers with what it leads to."""
        return path.is_symlink() and (until is None or clocks.shows(Path(f"{path}.until")))

    @contextmanager
    def _place(
        self, address: Address, keys: set[str], mark: int, digest: str
    ) -> Iterator[tuple[Kept, Row | None]]:
        """Give the row of what may be stored, and let nobody fence meanwhile; no row but the reason if it may not."""
        name = self._name(address)
        if self._stands(keys):
            yield Kept.FENCED, None
            return
        # Whoever is killed between the files and the end of the second block leaves a page that purging finds, and a
        # version that nobody gives to another content.
        with self.index.writing():
            self.index.announce(name, self.release, str(address), _copy(address), keys, digest)
        with self.index.writing():
            row = self.index.page(name)
            # Somebody made room, or writes another one, in this moment.
            if row is None or row.digest != digest:
                yield Kept.LATE, None
                return
            self._remove([row])
            if self.index.fences(keys):
                yield Kept.FENCED, None
            elif self.index.is_late(keys, mark):
                yield Kept.LATE, None
            else:
                yield Kept.STORED, row

    @contextmanager
    def turn(self, address: Address) -> Iterator[FileTurn]:
        """Wait until nobody else renders the page of this address.

        Whoever waited for a page that could not be stored renders it without keeping others waiting, unless the next
        one can be stored.
        """
        try:
            descriptor = os.open(
                self.turns / self._name(address)[:3], os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            self._say("Readers cannot wait for each other's pages: %s", error)
            yield FileTurn()
            return
        try:
            waited = self._wait_for_turn(descriptor, address)
            page = self.find(address)
            if page is None and waited and os.pread(descriptor, 1, 0) != b"1":
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            elif page is None:
                os.ftruncate(descriptor, 0)
                self._wait_for_fences(address)
            yield FileTurn(page, descriptor)
        finally:
            os.close(descriptor)

    def _wait_for_turn(self, descriptor: int, address: Address) -> bool:
        """Return, once nobody else has the turn or the page is there, whether somebody had it."""
        end, waited = time.monotonic() + PATIENCE, False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if (waited and self.find(address)) or time.monotonic() > end:
                    return True
                waited = True
                time.sleep(LOOK_EVERY)
            else:
                return waited

    def _wait_for_fences(self, address: Address) -> None:
        """Wait a little for whoever is changing what the page showed last: what is rendered now could not be kept."""
        end = time.monotonic() + FENCE_PATIENCE
        with suppress(sqlite3.Error, OSError):
            keys = self.index.keys_of(self._name(address))
            while keys and self._stands(keys) and time.monotonic() < end:
                time.sleep(LOOK_EVERY)

    def discard(self) -> None:
        """Remove all pages, and store none whose render has begun already."""
        with self.index.writing():
            self.index.raise_floor()
            self._remove(self.index.all_pages())

    # Files

    def _name(self, address: Address) -> str:
        return sha256("\n".join((self.release, *address)).encode()).hexdigest()[:32]

    def _path(self, name: str, release: str = "") -> str:
        return f"{self.folder}/{release or self.release}/pages/{name[:2]}/{name}"

    def _write(self, name: str, page: StoredPage) -> int:
        """Write the file of a page; return how many bytes it takes."""
        path = Path(self._path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        # The time of the file is unlike that of any other: who has read it knows by the time whether it is the same.
        stamp = self.index.next_stamp()
        return self._put(str(path), page.to_bytes(), (stamp, stamp))

    def _write_copy(self, address: Address, copy: str, page: StoredPage) -> int:
        """Write the files from which nginx answers with this page, if it can; return how many bytes they take."""
        if not page.status.startswith("200") or not self._is_as_nginx_sends(address, page.headers):
            return 0
        # What nginx makes the ETag of.
        times = (page.version * 10**9, page.version * 10**9)
        # The plain one last: nginx may send either as soon as it lies there.
        files = [(".gz", page.content)] * page.is_packed + [("", page.body)]
        path = self._copy_path(copy, page.until)
        path.parent.mkdir(parents=True, exist_ok=True)
        size = sum(self._put(f"{path}{ending}", content, times) for ending, content in files)
        for quarter in self._quarters(copy, page.until):
            quarter.parent.mkdir(parents=True, exist_ok=True)
            for ending, _content in files:
                os.link(f"{path}{ending}", f"{quarter}{ending}")
        if page.until is not None:
            self._set_clock(path, page.until)
        return size

    def _is_as_nginx_sends(self, address: Address, headers: tuple[tuple[str, str], ...]) -> bool:
        header = nginx.difference(address, headers)
        if header:
            self._say(
                "nginx gets no copy of %s: its header %s is not that of deploy/nginx.conf", address, header
            )
        return not header

    def _copy_path(self, copy: str, until: float | None) -> Path:
        return self.folder / self.release / ("lasting" if until is None else "timed") / copy

    def _quarters(self, copy: str, until: float | None) -> list[Path]:
        """Return where else the copy of a page is to lie."""
        if nginx.looks_in_lasting(copy):
            return []
        folder = self.folder / self.release / "quarters"
        return [folder / str(number) / copy for number in clocks.quarters(until, time.time())]

    def _put(self, path: str, content: bytes, times: tuple[int, int]) -> int:
        new = self.new / uuid4().hex
        try:
            with open(new, "xb") as file:
                file.write(content)
            os.utime(new, ns=times)
            os.rename(new, path)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        return -(-len(content) // BLOCK) * BLOCK

    def _set_clock(self, path: Path, until: float) -> None:
        now = time.time()
        end = clocks.ending(until, now)
        if end <= now:
            return
        target = clocks.clock(self.folder / self.release / "clocks", end, now)
        os.symlink(os.path.relpath(target, path.parent), f"{path}.until")

    def _remove(self, rows: Iterable[Row]) -> None:
        """Remove the files of pages, the clock first: without it nginx answers with nothing of them."""
        rows = list(rows)
        quarters = {release: self._quarter_folders(release) for release in {row.release for row in rows}}
        for row in rows:
            for path in self._copies(row, quarters[row.release]):
                for file in (f"{path}.until", path, f"{path}.gz"):
                    _unlink(file)
            _unlink(self._path(row.name, row.release))
        self.index.removed(rows)

    def _copies(self, row: Row, quarters: Iterable[str] = ()) -> list[str]:
        """Return where the copy of a page may lie."""
        kinds = ("timed", "lasting") if nginx.looks_in_lasting(row.copy) else ("timed", "lasting", *quarters)
        return [f"{self.folder}/{row.release}/{kind}/{row.copy}" for kind in kinds if row.copy]

    def _quarter_folders(self, release: str) -> list[str]:
        try:
            return [f"quarters/{name}" for name in os.listdir(self.folder / release / "quarters")]
        except FileNotFoundError:
            return []

    def _sweep_quarters(self) -> None:
        """Remove the folders of quarters that are over; nothing looks there any more."""
        for folder in self._quarter_folders(self.release):
            if int(os.path.basename(folder)) < int(time.time()) // clocks.QUARTER:
                shutil.rmtree(self.folder / self.release / folder, ignore_errors=True)

    def _make_room(self) -> None:
        """Remove what is worth least until the store is a tenth below its bound."""
        if self.index.bytes() <= self.max_bytes:
            return
        surplus = self.index.bytes() - self.max_bytes * 9 // 10
        while surplus > 0 and (rows := self.index.least_worth(self.release, 100)):
            spared = []
            for row in rows:
                if surplus > 0:
                    spared.append(row)
                    surplus -= row.bytes
            self._remove(spared)
            self.index.forget(spared)
            for folder in {os.path.dirname(path) for row in spared for path in self._copies(row)}:
                with suppress(OSError):
                    os.removedirs(folder)

    def _say(self, text: str, *what: object) -> None:
        """Warn, but not with each page."""
        if time.monotonic() > self._said + SAY_EVERY:
            self._said = time.monotonic()
            log.warning(text, *what)


def _copy(address: Address) -> str:
    """Return where the copy of a page lies below its kind, "" if nginx has no name for it."""
    if address.query:
        return ""
    try:
        path = address.path.encode("latin-1").decode()
    except UnicodeDecodeError:
        return ""
    folders = path.split("/")[1:-1]
    if any(part in ("", ".", "..") or len(part.encode()) > LONGEST_NAME for part in folders):
        return ""
    return f"{address.host}{nginx.copy_name(path)}"


def _remove_folder(folder: Path) -> None:
    """Remove a folder, also while another process that begins to serve removes the same."""
    while folder.exists():
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)


def _unlink(path: str) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(path)


def _boot() -> str:
    """Return what tells this run of the machine from the one before, "" where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
