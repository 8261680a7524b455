"""Have pages rendered and stored before anybody asks for them."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import Enum
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.utils.encoding import iri_to_uri

from newsroom.pages.address import address_of
from newsroom.pages.cache import PageCache
from newsroom.pages.store import Store


class Warmed(Enum):
    """What became of a page that was to be stored."""

    STORED = "stored"
    THERE = "there"  # it was stored already
    LEFT = "left"  # it can be rendered and not be stored: nothing is there, or it is being changed
    FAILED = "failed"  # it could not be rendered


def warm(store: Store, paths: Iterable[str]) -> Iterator[tuple[str, Warmed]]:
    """Ask for each page as a reader does, through the application; yield what became of it."""
    application = PageCache(WSGIHandler(), store)
    for path in paths:
        environ = environ_of(path)
        address = address_of(environ)
        if address is None:
            yield path, Warmed.LEFT
        elif store.find(address):
            yield path, Warmed.THERE
        else:
            status = _ask(application, environ)
            if store.find(address):
                yield path, Warmed.STORED
            else:
                yield path, Warmed.FAILED if status.startswith("5") else Warmed.LEFT


def environ_of(path: str) -> dict[str, Any]:
    """Return a reader's request for a path of this site, as the server or the proxy in front hands it on."""
    parts = urlsplit(settings.BASE_URL)
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(iri_to_uri(path)).decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if parts.scheme == "https" and settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value
    return environ


def _ask(application: Any, environ: dict[str, Any]) -> str:
    """Return the status of the answer, taken whole."""
    told: list[str] = []
    body = application(environ, lambda status, headers, exc_info=None: told.append(status))
    try:
        for _part in body:
            pass
    finally:
        with suppress(AttributeError):
            body.close()
    return told[0]
