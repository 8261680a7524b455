"""The page cache in front of Django: pages declare the keys of what they show, verbs purge them.

A page key is the name of a thing that a stored page shows (`article-42`, `front-fr`). A view says which keys its
page carries and when the page changes by itself (`show`); a verb names the keys that it changes (`purge`). This
package knows neither articles nor comments.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

ENVIRON_KEY = "newsroom.page"


@dataclass
class Page:
    """What a page says of itself while it is rendered."""

    keys: set[str] = field(default_factory=set)
    until: datetime | None = None


class Store(Protocol):
    """Where pages are kept, and what keeps old ones out."""

    def fence(self, keys: Iterable[str]) -> None:
        """Remove the pages that carry these keys; store none of them until they are freed."""

    def free(self, keys: Iterable[str]) -> None:
        """Let pages with these keys be stored again."""


class NullStore:
    """Keep no page: each one is rendered anew."""

    def fence(self, keys: Iterable[str]) -> None:
        """Do nothing: there is nothing stored."""

    def free(self, keys: Iterable[str]) -> None:
        """Do nothing: nothing was fenced."""


def store() -> Store:
    """Return the store named by the setting PAGES_STORE."""
    return import_string(settings.PAGES_STORE)()


def show(request: HttpRequest, *keys: str, until: datetime | None = None) -> None:
    """Say that the page being rendered shows the things of these keys, and changes by itself at `until`."""
    page = shown(request)
    page.keys.update(keys)
    if until is not None:
        page.until = until if page.until is None else min(page.until, until)


def shown(request: HttpRequest) -> Page:
    """Return what the page of this request has said of itself so far."""
    return request.environ.setdefault(ENVIRON_KEY, Page())


def purge(keys: Iterable[str]) -> None:
    """Purge the pages that carry these keys, now and until the current transaction has ended.

    Raises TransactionManagementError outside of a transaction: a key is fenced before the commit.
    """
    names = sorted(set(keys))
    if not names:
        return
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "Purge page keys inside the transaction that changes them."
        )
    pages = store()
    pages.fence(names)
    transaction.on_commit(lambda: pages.free(names))
