"""The page cache in front of Django: pages declare the keys of what they show, verbs purge them.

A page key is the name of a thing that a stored page shows (`article-42`, `front-fr`). A view says which keys its
page carries and when the page changes by itself (`show`); a verb names the keys that it changes (`purge`). This
package knows neither articles nor comments.

    cache.py         the WSGI application around Django: finds a page, or has it rendered and kept
    address.py       what of a request names a page
    store.py         what a store of pages can do
    stored.py        a stored page, and how it is answered
    memory.py        what a process has in memory of the stored pages
    files.py         the store: files on disk, which nginx reads too
    index.py         which page carries which key, what is fenced, what each act purged
    nginx.py         which pages nginx may answer with
    clocks.py        how nginx knows that the time of a page is over
    transactions.py  whether a transaction of somebody who died is over
    warm.py          pages that are stored before anybody asks for them
    release.py       the name of everything that pages are made with

docs/pages.md tells how they keep old pages out.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from newsroom.pages.store import Fence, Ledger, NullStore, Store

__all__ = [
    "ASKS_AGAIN",
    "ENVIRON_KEY",
    "UNREADABLE",
    "Fence",
    "Ledger",
    "NullStore",
    "Page",
    "Purge",
    "Store",
    "is_asked_again",
    "noting",
    "purge",
    "show",
    "shown",
    "store",
]

ENVIRON_KEY = "newsroom.page"
# Set while the page of an address is rendered without the parameters that pages do not know, for a request with some.
ASKS_AGAIN = "newsroom.pages.asks_again"
# What a store raises that cannot be opened or asked.
UNREADABLE = (OSError, sqlite3.Error)


@dataclass
class Page:
    """What a page says of itself while it is rendered."""

    keys: set[str] = field(default_factory=set)
    until: datetime | None = None
    file: Path | None = None


@dataclass(frozen=True)
class Purge:
    """What one act purged: its name in the ledger, and the number of pages."""

    act: str
    pages: int


_noted: ContextVar[list[Purge] | None] = ContextVar("noted", default=None)


def store() -> Store:
    """Return the store named by the setting PAGES_STORE."""
    return _store(settings.PAGES_STORE, str(settings.PAGES_DIR))


@lru_cache
def _store(path: str, folder: str) -> Store:
    """Return the one store of this process; the folder is asked for so that another one has a store of its own."""
    return import_string(path)()


def show(request: HttpRequest, *keys: str, until: datetime | None = None, file: Path | None = None) -> None:
    """Say that the page being rendered shows the things of these keys, and changes by itself at `until`.

    An answer that is a `file` is not copied: the store only leads nginx to it.
    """
    page = shown(request)
    page.keys.update(keys)
    if until is not None:
        page.until = until if page.until is None else min(page.until, until)
    page.file = file or page.file


def shown(request: HttpRequest) -> Page:
    """Return what the page of this request has said of itself so far."""
    return request.environ.setdefault(ENVIRON_KEY, Page())


def is_asked_again(request: HttpRequest) -> bool:
    """Return whether a 404 is followed by the same question with all its parameters."""
    return bool(request.environ.get(ASKS_AGAIN))


def purge(keys: Iterable[str], about: int | None = None) -> None:
    """Purge the pages that carry these keys, now and until the current transaction has ended.

    `about` is the id of the log's entry that tells of the change. Raises TransactionManagementError outside of a
    transaction: a key is fenced before the commit.
    """
    names = sorted(set(keys))
    if not names:
        return
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "Purge page keys inside the transaction that changes them."
        )
    # Nothing but the list of what is to be done after the commit holds the fence: a rollback drops that list, and
    # with it the fence, which others may then take down.
    fence = store().fence(names, about)
    transaction.on_commit(fence.free, robust=True)
    if (noted := _noted.get()) is not None and fence.pages:
        transaction.on_commit(partial(noted.append, Purge(fence.act, fence.pages)), robust=True)


@contextmanager
def noting() -> Iterator[list[Purge]]:
    """Yield a list that fills with what is purged inside the block, each once its transaction is committed.

    What purges no page is not noted.
    """
    noted: list[Purge] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)
