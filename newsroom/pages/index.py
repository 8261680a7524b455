"""What the store knows of its pages: which keys they carry, what is fenced, what each act purged.

A SQLite file of its own beside the pages, whatever the site's database is: several processes write it one after the
other, and a process that is killed leaves it as it was. It need not survive the machine: after a power cut the pages
are made anew (`boot`).

Time is told by a sequence that every fence and every freeing raises by one. A page may be stored if none of its keys
was fenced or freed after the mark at which its render began.
"""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# How long to wait for another process that writes, in seconds.
PATIENCE = 20.0
# A render that takes longer is not stored; so long it is remembered which keys were fenced. In seconds.
LONGEST_RENDER = 3600.0
# How many acts the ledger tells of, and how many pages of one act.
ACTS = 1000
PAGES_OF_ACT = 200
# Of so many purged pages the keys are remembered: whoever asks for one next waits for those who are changing it.
REMEMBERED = 20_000
# How many of them are forgotten at once.
AT_ONCE = 1_000

SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- A new index begins higher than any old one came: no mark of that one is good here.
INSERT OR IGNORE INTO state VALUES
    ('sequence', unixepoch() * 1000), ('floor', unixepoch() * 1000), ('bytes', 0), ('stamp', 1);

-- An address whose page is stored (bytes > 0) or was: then its keys tell what its next page will show.
CREATE TABLE IF NOT EXISTS page (
    name TEXT PRIMARY KEY, release TEXT NOT NULL, address TEXT NOT NULL, copy TEXT NOT NULL DEFAULT '',
    has_query INTEGER NOT NULL, bytes INTEGER NOT NULL DEFAULT 0, until REAL, at REAL NOT NULL,
    version INTEGER NOT NULL DEFAULT 0, digest TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS page_by_address ON page (address);
CREATE INDEX IF NOT EXISTS page_removed ON page (at) WHERE bytes = 0;
CREATE TABLE IF NOT EXISTS page_key (key TEXT, name TEXT, PRIMARY KEY (key, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS page_key_by_name ON page_key (name);

-- When a key was last fenced or freed, by the sequence and by the clock.
CREATE TABLE IF NOT EXISTS fenced (key TEXT PRIMARY KEY, sequence INTEGER NOT NULL, at REAL NOT NULL) WITHOUT ROWID;

-- An act purges keys. Until it is freed its keys are fenced.
CREATE TABLE IF NOT EXISTS act (
    id TEXT PRIMARY KEY, about INTEGER, token TEXT NOT NULL, fenced_at REAL NOT NULL, freed_at REAL,
    pages INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS act_by_time ON act (fenced_at);
CREATE INDEX IF NOT EXISTS act_fencing ON act (id) WHERE freed_at IS NULL;
CREATE TABLE IF NOT EXISTS act_key (key TEXT, act TEXT, PRIMARY KEY (key, act)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS act_key_by_act ON act_key (act);
CREATE TABLE IF NOT EXISTS act_page (
    act TEXT, name TEXT, address TEXT, fresh_at REAL, PRIMARY KEY (act, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS act_page_stale ON act_page (name) WHERE fresh_at IS NULL;
"""

# A list of any length as one parameter.
_IN = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class Row:
    """A page as the index knows it."""

    name: str
    release: str
    copy: str
    bytes: int
    version: int
    digest: str


@dataclass(frozen=True)
class PurgedPage:
    """A page that an act purged, and when another one was stored in its place."""

    address: str
    fresh_at: float | None


@dataclass(frozen=True)
class PurgeAct:
    """What an act purged. Times in seconds since the epoch; `freed_at` is None while it goes on."""

    id: str
    about: int | None
    fenced_at: float
    freed_at: float | None
    pages: int
    keys: list[str]
    purged: list[PurgedPage]


class Index:
    """The index of one store. What changes it is called inside `writing()`."""

    def __init__(self, path: Path, begin: Callable[[], None]) -> None:
        """`begin` removes all pages; it is called before a new index is made, which knows of none."""
        self.path, self.begin = path, begin
        self._local = threading.local()

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection to the file that lies there now; a forked process gets its own."""
        try:
            found = os.stat(self.path)
        except FileNotFoundError:  # somebody has removed all, and with it every page
            self.create()
            found = os.stat(self.path)
        known = (os.getpid(), found.st_dev, found.st_ino)
        if getattr(self._local, "known", None) != known:
            self._local.db = self._connect()
            self._local.known = known
        return self._local.db  # type: ignore[no-any-return]

    def create(self) -> None:
        """Make the file and its tables, if they are not there."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            self.begin()
        with closing(self._connect()) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        # A killed process loses nothing by it; after a power cut all pages are thrown away.
        db.execute("PRAGMA synchronous=OFF")
        return db

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let nobody else write inside the block; leave all as it was if it raises."""
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    # Fences

    def mark(self) -> int:
        """Return the sequence's number of now."""
        return int(self._state("sequence"))

    def fence(self, act: str, keys: Iterable[str], token: str, about: int | None) -> list[Row]:
        """Fence keys for an act, and return the stored pages that carry them: they are to be removed."""
        now, names = time.time(), json.dumps(list(keys))
        self._forget(now)
        pages = self._pages(f"bytes > 0 AND name IN (SELECT name FROM page_key WHERE key {_IN})", names)
        self.db.execute("INSERT INTO act VALUES (?, ?, ?, ?, NULL, ?)", [act, about, token, now, len(pages)])
        self.db.execute("INSERT INTO act_key SELECT value, ? FROM json_each(?)", [act, names])
        self.db.executemany(
            "INSERT INTO act_page SELECT ?, name, address, NULL FROM page WHERE name = ?",
            [(act, page.name) for page in pages[:PAGES_OF_ACT]],
        )
        self._date(names, now)
        return pages

    def free(self, act: str) -> None:
        """Free the keys of an act; pages whose render began before are not stored all the same."""
        now = time.time()
        keys = [key for (key,) in self.db.execute("SELECT key FROM act_key WHERE act = ?", [act])]
        self._date(json.dumps(keys), now)
        self.db.execute("UPDATE act SET freed_at = ? WHERE id = ?", [now, act])

    def fences(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """Return the acts that fence one of these keys: id, and the name of the transaction."""
        return self.db.execute(
            "SELECT DISTINCT act.id, act.token FROM act JOIN act_key ON act_key.act = act.id"
            f" WHERE act.freed_at IS NULL AND act_key.key {_IN}",
            [json.dumps(list(keys))],
        ).fetchall()

    def is_late(self, keys: Iterable[str], mark: int) -> bool:
        """Return whether one of these keys was fenced or freed after a mark."""
        found = self.db.execute(
            f"SELECT 1 FROM fenced WHERE sequence > ? AND key {_IN} LIMIT 1", [mark, json.dumps(list(keys))]
        )
        return mark < int(self._state("floor")) or found.fetchone() is not None

    # Pages

    def keys_of(self, name: str) -> set[str]:
        """Return the keys that the page of this name carries, or carried when it was last stored."""
        return {key for (key,) in self.db.execute("SELECT key FROM page_key WHERE name = ?", [name])}

    def page(self, name: str) -> Row | None:
        """Return a page by its name."""
        return next(iter(self._pages("name = ?", name)), None)

    def announce(
        self, name: str, release: str, address: str, copy: str, keys: Iterable[str], digest: str
    ) -> None:
        """Say that a page with these keys and this content is about to be written.

        From now on whoever purges finds it, and no other content of the address gets its version, in any release.
        """
        row = self.page(name)
        if row is None or row.digest != digest or not row.version:
            found = self.db.execute("SELECT max(version) FROM page WHERE address = ?", [address]).fetchone()[
                0
            ]
            version = max((found or 0) + 1, int(time.time()))
        else:
            version = row.version
        self.db.execute(
            "INSERT INTO page (name, release, address, copy, has_query, at, version, digest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET version = excluded.version, digest = excluded.digest",
            [name, release, address, copy, "?" in address, time.time(), version, digest],
        )
        is_new = self.db.execute("UPDATE page SET bytes = 1 WHERE name = ? AND bytes = 0", [name]).rowcount
        self._add("bytes", is_new)
        self.db.execute(
            "INSERT OR IGNORE INTO page_key SELECT value, ? FROM json_each(?)", [name, json.dumps(list(keys))]
        )

    def stored(self, name: str, keys: Iterable[str], size: int, until: float | None) -> None:
        """Say that a page that was announced and removed has been stored; it carries these keys and no others."""
        now = time.time()
        self.db.execute(
            "UPDATE page SET bytes = ?, until = ?, at = ? WHERE name = ?", [size, until, now, name]
        )
        self.db.execute(
            f"DELETE FROM page_key WHERE name = ? AND NOT key {_IN}", [name, json.dumps(list(keys))]
        )
        self.db.execute("UPDATE act_page SET fresh_at = ? WHERE name = ? AND fresh_at IS NULL", [now, name])
        self._add("bytes", size)

    def removed(self, pages: Iterable[Row]) -> None:
        """Say that the files of pages are about to be removed."""
        now, total = time.time(), 0
        for page in pages:
            self.db.execute("UPDATE page SET bytes = 0, at = ? WHERE name = ?", [now, page.name])
            total += page.bytes
        self._add("bytes", -total)

    def forget(self, pages: Iterable[Row]) -> None:
        """Forget pages whose files have been removed."""
        if names := [page.name for page in pages]:
            for table in ("page_key", "page"):
                self.db.execute(f"DELETE FROM {table} WHERE name {_IN}", [json.dumps(names)])

    def all_pages(self) -> list[Row]:
        """Return all pages that are stored."""
        return self._pages("bytes > 0")

    def of_other_releases(self, *releases: str) -> list[Row]:
        """Return the stored pages of all releases but these."""
        return self._pages(f"bytes > 0 AND NOT release {_IN}", json.dumps(releases))

    def least_worth(self, release: str, number: int) -> list[Row]:
        """Return pages that can be spared: of other releases, over, deep in lists, then those that lie longest."""
        return self._pages(
            "bytes > 0 ORDER BY release = ? , coalesce(until, 1e20) > ?, has_query = 0, at LIMIT ?",
            release,
            time.time(),
            number,
        )

    def bytes(self) -> int:
        """Return how many bytes all stored pages take."""
        return int(self._state("bytes"))

    def next_stamp(self) -> int:
        """Return nanoseconds since the epoch, each time a higher number."""
        stamp = max(int(self._state("stamp")) + 1, time.time_ns())
        self._set("stamp", stamp)
        return stamp

    def raise_floor(self) -> None:
        """Have no page stored whose render has begun already."""
        self._set("floor", self._add("sequence", 1))

    def boot(self, name: str) -> bool:
        """Note in which run of the machine the pages were stored; return whether it is another one than before.

        Where the system does not name its runs ("") each may be another.
        """
        known = self.db.execute("SELECT value FROM state WHERE name = 'boot'").fetchone()
        self.db.execute("INSERT OR REPLACE INTO state VALUES ('boot', ?)", [name])
        return known is not None and (not name or known[0] != name)

    # What people are told

    def acts(self, number: int) -> list[PurgeAct]:
        """Return the latest acts, newest first."""
        return self._acts("1 ORDER BY fenced_at DESC, id LIMIT ?", number)

    def act(self, id: str) -> PurgeAct | None:
        """Return the act of this name, if it is remembered."""
        return next(iter(self._acts("id = ?", id)), None)

    def acts_about(self, entries: Iterable[int]) -> list[PurgeAct]:
        """Return the acts of these entries of the log, oldest first."""
        return self._acts(f"about {_IN} ORDER BY fenced_at, id", json.dumps(list(entries)))

    def numbers(self) -> dict[str, Any]:
        """Return how much there is of what."""
        pages, oldest = self.db.execute("SELECT count(*), min(at) FROM page WHERE bytes > 0").fetchone()
        fencing = self.db.execute(
            "SELECT act.id, act.fenced_at, act_key.key FROM act JOIN act_key ON act_key.act = act.id"
            " WHERE act.freed_at IS NULL ORDER BY act.fenced_at, act_key.key"
        ).fetchall()
        return {
            "pages": pages,
            "oldest": oldest,
            "bytes": self.bytes(),
            "fenced": [(key, at) for _act, at, key in fencing],
        }

    def _acts(self, condition: str, *parameters: Any) -> list[PurgeAct]:
        acts = self.db.execute(
            f"SELECT id, about, fenced_at, freed_at, pages FROM act WHERE {condition}", parameters
        ).fetchall()
        names = json.dumps([act[0] for act in acts])
        keys: dict[str, list[str]] = {}
        for act, key in self.db.execute(
            f"SELECT act, key FROM act_key WHERE act {_IN} ORDER BY key", [names]
        ):
            keys.setdefault(act, []).append(key)
        purged: dict[str, list[PurgedPage]] = {}
        for act, address, fresh_at in self.db.execute(
            f"SELECT act, address, fresh_at FROM act_page WHERE act {_IN} ORDER BY address", [names]
        ):
            purged.setdefault(act, []).append(PurgedPage(address, fresh_at))
        return [
            PurgeAct(id, about, fenced, freed, pages, keys.get(id, []), purged.get(id, []))
            for id, about, fenced, freed, pages in acts
        ]

    def _pages(self, condition: str, *parameters: Any) -> list[Row]:
        found = self.db.execute(
            f"SELECT name, release, copy, bytes, version, digest FROM page WHERE {condition}", parameters
        )
        return [Row(*row) for row in found]

    def _date(self, keys: str, now: float) -> None:
        """Raise the sequence, and note it for a list of keys in JSON."""
        self.db.execute(
            "INSERT INTO fenced SELECT value, ?, ? FROM json_each(?) WHERE true"
            " ON CONFLICT (key) DO UPDATE SET sequence = excluded.sequence, at = excluded.at",
            [self._add("sequence", 1), now, keys],
        )

    def _forget(self, now: float) -> None:
        """Forget what nobody needs any more."""
        old = now - LONGEST_RENDER
        last = self.db.execute("SELECT max(sequence) FROM fenced WHERE at < ?", [old]).fetchone()[0]
        if last is not None:
            self.db.execute("DELETE FROM fenced WHERE at < ?", [old])
            self._set("floor", max(int(self._state("floor")), last))
        acts = (
            "SELECT id FROM act WHERE freed_at IS NOT NULL AND fenced_at <"
            " (SELECT fenced_at FROM act ORDER BY fenced_at DESC LIMIT 1 OFFSET ?)"
        )
        over = json.dumps([act for (act,) in self.db.execute(acts, [ACTS])])
        if over != "[]":
            for table, column in (("act_key", "act"), ("act_page", "act"), ("act", "id")):
                self.db.execute(f"DELETE FROM {table} WHERE {column} {_IN}", [over])
        self.forget(
            self._pages(
                "bytes = 0 AND at < (SELECT at FROM page WHERE bytes = 0 ORDER BY at DESC LIMIT 1 OFFSET ?) LIMIT ?",
                REMEMBERED,
                AT_ONCE,
            )
        )

    def _state(self, name: str) -> Any:
        return self.db.execute("SELECT value FROM state WHERE name = ?", [name]).fetchone()[0]

    def _set(self, name: str, value: int) -> None:
        self.db.execute("UPDATE state SET value = ? WHERE name = ?", [value, name])

    def _add(self, name: str, number: int) -> int:
        self._set(name, value := int(self._state(name)) + number)
        return value
