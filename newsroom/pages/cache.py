"""The page cache as a WSGI application around Django, before any middleware."""

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings

from newsroom import clock
from newsroom.pages import ASKS_AGAIN, ENVIRON_KEY, Page
from newsroom.pages.address import Address, named
from newsroom.pages.memory import Memory
from newsroom.pages.store import Kept, Store
from newsroom.pages.stored import Headers, LinkedFile, StoredPage, answer

# Set while a page is rendered that may be stored: what is stored is compressed once, and not by Django.
KEEPING = "newsroom.pages.keeping"

# What of a browser's headers reaches a page that is rendered for everybody. Answers that depend on them say so
# (`Vary`), and are not stored.
PASSED_ON = ("HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def is_storable(page: Page, status: int, headers: Iterable[tuple[str, str]]) -> bool:
    """Return whether everybody may get this answer: it says what it shows, and depends on nobody."""
    if status not in (200, 301, 410) or not page.keys:
        return False
    for name, value in headers:
        words = {word.strip().lower() for word in value.split(",")}
        match name.lower():
            case "set-cookie" | "content-encoding":
                return False
            case "cache-control" if words & {"private", "no-store"}:
                return False
            case "vary" if words - {"accept-encoding"}:
                return False
    return True


class PageCache:
    """Answer with stored pages; let the application render the others, and store what may be stored."""

    def __init__(self, application: Application, store: Store) -> None:
        self.application, self.store = application, store
        self.memory = Memory()
        self.held = self.memory.pages
        self.leads_to_https = settings.SECURE_SSL_REDIRECT
        self.scheme, self.secure = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        method = environ["REQUEST_METHOD"]
        if method != "GET" and method != "HEAD":
            return self.application(environ, start_response)
        get = environ.get
        if self.leads_to_https and get(self.scheme) != self.secure:
            return self.application(environ, start_response)  # Django sends it to https
        # The names of `Asked`.
        asked = (get("HTTP_HOST", ""), get("SCRIPT_NAME", ""), environ["PATH_INFO"], environ["QUERY_STRING"])
        if held := self.held.get(asked):
            # What `held.is_right()` and `answer` do, in this place: most requests get no further, and each call would
            # be felt.
            status, page, now = os.fstat(held.descriptor), held.page, time.time()
            if (
                status.st_nlink
                and status.st_ctime_ns == held.changed_at
                and page.since <= now
                and (page.until is None or now < page.until)
            ):
                variant = page.variants.get(get("HTTP_ACCEPT_ENCODING", ""))
                if variant is None or method == "HEAD" or "HTTP_IF_NONE_MATCH" in environ:
                    return answer(page, environ, start_response)
                start_response(page.status, variant.headers)
                return variant.body
            self.memory.drop(asked)
        address = named(*asked)
        if address is None:
            return self.application(environ, start_response)
        if held := self.store.held(address):
            # Parameters that no page knows would fill the memory with one page.
            if address.query == asked[-1]:
                self.memory.hold(asked, held)
            return answer(held.page, environ, start_response)
        return self._rendered(address, environ, start_response)

    def _rendered(self, address: Address, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self.store.turn(address) as turn:
            if turn.page is not None:
                return answer(turn.page, environ, start_response)
            rendering = Rendering(self.application, address, environ)
            mark = self.store.mark()
            with clock.standing() as instant:
                rendering.run()
                if rendering.is_storable and rendering.shown.file:
                    self.store.link(address, rendering.link(rendering.shown.file), rendering.shown.keys, mark)
                elif rendering.is_storable:
                    page = rendering.page(instant.timestamp())
                    kept, page = self.store.keep(address, page, rendering.shown.keys, mark)
                    if kept is Kept.LATE:
                        turn.pass_on()
                    return answer(page, environ, start_response)
        if rendering.asks_again and rendering.status.startswith("404"):
            # What pages do not know an old address may: /index.php?id=12.
            rendering.close()
            return self.application(environ, start_response)
        return rendering.pass_through(environ, start_response)


class Rendering:
    """One page, rendered by the application as nobody in particular asks for it."""

    def __init__(self, application: Application, address: Address, environ: Environ) -> None:
        self.application = application
        self.asks_again = environ.get("QUERY_STRING", "") != address.query
        passed_on = (*PASSED_ON, *(settings.SECURE_PROXY_SSL_HEADER or ())[:1])
        kept = {
            name: value
            for name, value in environ.items()
            if not name.startswith("HTTP_") or name in passed_on
        }
        self.environ: Environ = {
            **kept,
            "HTTP_HOST": address.host,
            "REQUEST_METHOD": "GET",
            "QUERY_STRING": address.query,
            "CONTENT_LENGTH": "",
            "wsgi.input": BytesIO(),
            ENVIRON_KEY: Page(),
            KEEPING: True,
            ASKS_AGAIN: self.asks_again,
        }
        self.status = ""
        self.headers: Headers = []

    def run(self) -> None:
        """Have the application answer."""
        self.body = self.application(self.environ, self._start_response)

    @property
    def shown(self) -> Page:
        """What the page said of itself."""
        return self.environ[ENVIRON_KEY]  # type: ignore[no-any-return]

    @property
    def is_storable(self) -> bool:
        """Whether everybody may get this answer."""
        return is_storable(self.shown, int(self.status[:3]), self.headers)

    @property
    def _until(self) -> float | None:
        until: datetime | None = self.shown.until
        return until.timestamp() if until else None

    @property
    def _head(self) -> Headers:
        # Without those that depend on how the page is sent.
        return [
            (name, value)
            for name, value in self.headers
            if name.lower() not in ("etag", "vary", "content-length")
        ]

    def page(self, since: float) -> StoredPage:
        """Return the page as it is to be stored."""
        try:
            body = b"".join(self.body)
        finally:
            self.close()
        return StoredPage.of(self.status, self._head, body, since, self._until)

    def link(self, file: Path) -> LinkedFile:
        """Return the file that the answer is, as it is to be linked."""
        return LinkedFile(file, tuple(self._head), self._until)

    def pass_through(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with what the application said, as it is."""
        start_response(self.status, self.headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            self.close()
            return []
        return self.body

    def close(self) -> None:
        """Tell the application that its answer has been taken."""
        with suppress(AttributeError):
            self.body.close()  # type: ignore[attr-defined]

    def _start_response(self, status: str, headers: Headers, exc_info: Any = None) -> None:
        self.status, self.headers = status, headers
