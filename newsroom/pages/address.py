"""What of a request names a page: a host of ours, the path, and the parameters that pages know. Nothing else does."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from django.conf import settings

# A longer path is no page of ours.
MAX_PATH = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Address(NamedTuple):
    """The name of a page. The path is as WSGI has it: bytes, each as the character of that number (PEP 3333)."""

    host: str
    path: str
    query: str = ""

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"{self.host}{self.path.encode('latin-1').decode('utf-8', 'replace')}{query}"


def known_host(header: str, hosts: Iterable[str]) -> str:
    """Return the host that a Host header names, without port and in lower case; "" if it is none of `hosts`."""
    host, _colon, port = header.lower().rpartition(":")
    if not host or not port.isdigit():
        host = header.lower()
    return host if host in hosts else ""


def known_query(query: str) -> str | None:
    """Return the parameters of a query string that pages know, in a fixed order.

    None if one of them is no value of its kind, or stands there twice: such a page is nobody else's.
    """
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, encoding="latin-1"):
        if (pattern := settings.PAGES_PARAMETERS.get(name)) is None:
            continue
        if name in found or not re.fullmatch(pattern, value, re.ASCII):
            return None
        found[name] = value
    return "&".join(f"{name}={found[name]}" for name in sorted(found))


def named(header: str, script: str, path: str, query: str) -> Address | None:
    """Return the address of the page that a request asks for, None if that page is never stored.

    What is asked for: HTTP_HOST, SCRIPT_NAME, PATH_INFO and QUERY_STRING, as they came.
    """
    host = known_host(header, settings.ALLOWED_HOSTS)
    if not host or script or not path.startswith("/") or len(path) > MAX_PATH:
        return None
    if _CONTROL.search(path) or re.match(settings.PAGES_NEVER_STORED, path):
        return None
    parameters = known_query(query)
    return None if parameters is None else Address(host, path, parameters)


def address_of(environ: dict[str, Any]) -> Address | None:
    """Return the address of the page that a request asks for, None if that page is never stored."""
    names = ("HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
    return named(*(environ.get(name, "") for name in names))
