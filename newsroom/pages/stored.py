"""A stored page: what it answers, compressed or not, in full or as "not modified"."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

# Less than this does not get smaller by compressing.
WORTH_PACKING = 200
# Of how many Accept-Encoding headers a page remembers what they take; browsers send a handful.
MOST_VARIANTS = 20
# A 304 has the headers that tell caches something (RFC 9110, 15.4.5), and none about the content that it lacks.
_NOT_IN_304 = {"content-type", "content-length", "content-encoding"}

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Variant:
    """One way to send a page."""

    etag: str
    headers: Headers
    headers_304: Headers
    body: list[bytes]


@dataclass(frozen=True)
class StoredPage:
    """A page as it is kept: made at `since`, right until `until`, both in seconds since the epoch.

    `version` rises with each other content of the address; it and a variant's length make the ETag, as nginx makes
    it of a file's time and length, so that either may answer for the other.
    """

    status: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    is_packed: bool
    length: int  # of the content before it was packed
    since: float
    until: float | None
    version: int = 0

    @classmethod
    def of(
        cls, status: str, headers: Headers, body: bytes, since: float, until: float | None
    ) -> "StoredPage":
        """Return a page, its content compressed if that makes it smaller. The same page gives the same bytes."""
        packed = gzip.compress(body, 9, mtime=0) if len(body) >= WORTH_PACKING else body
        is_packed = len(packed) < len(body)
        kept = tuple((name, value) for name, value in headers if name.lower() != "content-length")
        return cls(status, kept, packed if is_packed else body, is_packed, len(body), since, until)

    def of_version(self, version: int) -> "StoredPage":
        """Return the same page with another version."""
        return replace(self, version=version)

    def digest(self) -> str:
        """Return what tells this content from any other."""
        told = json.dumps([self.status, self.headers]).encode()
        return sha256(told + b"\0" + self.body).hexdigest()

    @cached_property
    def body(self) -> bytes:
        """The content as it was rendered."""
        return gzip.decompress(self.content) if self.is_packed else self.content

    @property
    def size(self) -> int:
        """How many bytes the page takes in memory, about."""
        return len(self.content) + self.length + 2000

    @cached_property
    def plain(self) -> Variant:
        """The page for whoever does not take gzip."""
        return self._variant(self.body)

    @cached_property
    def packed(self) -> Variant:
        """The page for whoever takes gzip."""
        return self._variant(self.content, ("Content-Encoding", "gzip")) if self.is_packed else self.plain

    @cached_property
    def variants(self) -> dict[str, Variant]:
        """What to send by the Accept-Encoding header, for those that were asked with lately."""
        return {}

    def variant_for(self, accept_encoding: str) -> Variant:
        """Return what to send to whoever asks with this Accept-Encoding header."""
        variant = self.packed if takes_gzip(accept_encoding) else self.plain
        if len(self.variants) < MOST_VARIANTS:
            self.variants[accept_encoding] = variant
        return variant

    def _variant(self, body: bytes, *more: tuple[str, str]) -> Variant:
        headers = [*self.headers, *more]
        # Without a version the page is not stored, and nothing tells it from the next one.
        etag = f'"{self.version:x}-{len(body):x}"' if self.version else ""
        if etag:
            headers.append(("ETag", etag))
        if self.is_packed:
            headers.append(("Vary", "Accept-Encoding"))
        short = [(name, value) for name, value in headers if name.lower() not in _NOT_IN_304]
        return Variant(etag, [*headers, ("Content-Length", str(len(body)))], short, [body])

    def to_bytes(self) -> bytes:
        """Return the page as a file holds it: a line of JSON, then the content."""
        told = {
            "status": self.status,
            "headers": self.headers,
            "is_packed": self.is_packed,
            "length": self.length,
            "since": self.since,
            "until": self.until,
            "version": self.version,
        }
        return json.dumps(told).encode() + b"\n" + self.content

    @classmethod
    def from_bytes(cls, data: bytes) -> "StoredPage":
        """Return the page of a file. Raises ValueError if the file holds none."""
        line, _newline, content = data.partition(b"\n")
        try:
            told = json.loads(line)
            headers = tuple((name, value) for name, value in told.pop("headers"))
            return cls(headers=headers, content=content, **told)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("This is no page.") from error


@dataclass(frozen=True)
class LinkedFile:
    """A file that lies elsewhere and is a whole answer: nginx finds it by a link, the application sends it itself."""

    file: Path
    headers: tuple[tuple[str, str], ...]
    until: float | None


@lru_cache(maxsize=512)
def takes_gzip(accept_encoding: str) -> bool:
    """Return whether an Accept-Encoding header lets us send gzip (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _semicolon, parameter = part.partition(";")
        name, _equals, value = parameter.partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        weights[coding.strip()] = weight
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def matches(if_none_match: str, etag: str) -> bool:
    """Return whether an If-None-Match header names this ETag, compared weakly (RFC 9110, 13.1.2)."""
    if if_none_match == etag:
        return True
    tags: Iterable[str] = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in tags)


def answer(page: StoredPage, environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer a GET or HEAD with a stored page: packed where the browser takes it, 304 where it has it already."""
    variant = page.variant_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
    wanted = environ.get("HTTP_IF_NONE_MATCH")
    if wanted and variant.etag and page.status.startswith("200") and matches(wanted, variant.etag):
        start_response("304 Not Modified", variant.headers_304)
        return []
    start_response(page.status, variant.headers)
    return variant.body if environ["REQUEST_METHOD"] == "GET" else []
