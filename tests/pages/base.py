"""What the tests of the page cache are made of: a store of their own, and a way to ask the cache."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from unittest import mock
from urllib.parse import unquote_to_bytes

from newsroom.pages import Page
from newsroom.pages.address import Address
from newsroom.pages.cache import ENVIRON_KEY, PageCache
from newsroom.pages.files import FileStore
from newsroom.pages.store import Kept
from newsroom.pages.stored import StoredPage

HOST = "testserver"
HTML = [("Content-Type", "text/html; charset=utf-8")]


def address(path: str = "/en/", query: str = "") -> Address:
    """Return the address of a page on the tests' host."""
    return Address(HOST, path, query)


def page(text: str = "Front", until: float | None = None, **fields: Any) -> StoredPage:
    """Return a page as it comes from a render that began just now."""
    fields.setdefault("since", time.time())
    headers = fields.pop("headers", HTML)
    return StoredPage.of("200 OK", headers, text.encode(), fields["since"], until)


def keep(
    store: FileStore,
    at: Address | None = None,
    *,
    keys: Iterable[str] = ("front-en",),
    text: str = "Front",
    **fields: Any,
) -> Kept:
    """Render and store a page; return what became of it."""
    mark = fields.pop("mark", None) or store.mark()
    return store.keep(at or address(), page(text, **fields), set(keys), mark)[0]


def files_of(store: FileStore) -> set[str]:
    """Return the names of all files of pages, the copies for nginx included."""
    return {
        os.path.relpath(os.path.join(folder, name), store.folder / store.release)
        for folder, _folders, names in os.walk(store.folder / store.release)
        for name in names
    }


class Site:
    """A WSGI application that answers what it is told to, and counts."""

    def __init__(self) -> None:
        self.renders: list[dict[str, Any]] = []
        self.text = "Front"
        self.status = "200 OK"
        self.headers: list[tuple[str, str]] = list(HTML)
        self.keys: set[str] = {"front-en"}
        self.until: datetime | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.renders.append(environ)
        text = self.text
        environ.setdefault(ENVIRON_KEY, Page()).keys.update(self.keys)
        environ[ENVIRON_KEY].until = self.until
        self.meanwhile()
        start_response(self.status, list(self.headers))
        return [text.encode()]


class Answer:
    """What a cache or an application answered."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.pairs, self.body = status, headers, body
        self.headers = {name.lower(): value for name, value in headers}


def ask(application: Any, path: str = "/en/", query: str = "", method: str = "GET", **headers: str) -> Answer:
    """Ask as a server does: header names as they come (`If_None_Match=…`), the path with its escapes."""
    told: list[Any] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": HOST,
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": None,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    body = application(environ, lambda status, pairs, exc_info=None: told.extend((status, pairs)))
    try:
        return Answer(told[0], told[1], b"".join(body))
    finally:
        getattr(body, "close", lambda: None)()


def cached(site: Any, store: FileStore) -> PageCache:
    """Return the cache around an application."""
    return PageCache(site, store)


@contextmanager
def clock_at(moment: float) -> Iterator[None]:
    """Let every clock that pages look at stand at a moment inside the block."""
    with (
        mock.patch("time.time", return_value=moment),
        mock.patch("django.utils.timezone.now", return_value=datetime.fromtimestamp(moment, UTC)),
    ):
        yield
