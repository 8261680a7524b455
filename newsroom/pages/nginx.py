"""Which pages nginx may answer with: those whose headers are what `deploy/nginx.conf` gives them.

nginx reads a page's content from a file; its headers stand in the configuration. A page with others, because a setting
or a view of one's own says so, gets no copy for nginx and comes from the application: slower, and right.
"""

import re

from newsroom.pages.address import Address

# The same in deploy/nginx.conf; tests/newsroom/test_nginx.py compares what readers get.
HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": (
        "base-uri 'none'; connect-src 'self'; default-src 'none'; font-src 'self'; form-action 'self';"
        " frame-ancestors 'none'; img-src 'self'; manifest-src 'self'; object-src 'none'; script-src 'self';"
        " style-src 'self'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# Other headers of photos (newsroom/views.py).
PHOTO_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
}
_PHOTO = r"/media/photos/[0-9a-f]{2}/[0-9a-f]+"
MEDIA_TYPES = (("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp"), ("avif", "image/avif"))
# What a path looks like -> the headers of its kind.
KINDS = (
    (
        r"/(?:news-)?sitemap[\w-]*\.xml",
        {"content-type": "application/xml; charset=utf-8", "x-robots-tag": "noindex"},
    ),
    (r".*/", {"content-type": "text/html; charset=utf-8"}),
    (r".*\.xml", {"content-type": "application/rss+xml; charset=utf-8"}),
    (r".*/feed\.json", {"content-type": "application/feed+json; charset=utf-8"}),
    (r".*\.webmanifest", {"content-type": "application/manifest+json; charset=utf-8"}),
    (r"/robots\.txt", {"content-type": "text/plain; charset=utf-8"}),
    *((rf"{_PHOTO}\.{ending}", {"content-type": kind, **PHOTO_HEADERS}) for ending, kind in MEDIA_TYPES),
)
_LOOKED_FOR_IN_LASTING = re.compile(
    r"[^/]*/(?:media|[a-z]{2,3}(?:-[a-z0-9]{2,8})?/\d{4}/\d\d/\d\d)/", re.ASCII
)
_LANGUAGE = re.compile(r"/([a-z]{2,3}(?:-[a-z0-9]{2,8})?)/")
# Of the connection rather than of the page.
_NOT_COMPARED = {"strict-transport-security"}


def difference(address: Address, headers: tuple[tuple[str, str], ...]) -> str:
    """Return the header in which a page differs from what nginx would give it, "" if it is none."""
    given = next((kind for pattern, kind in KINDS if re.fullmatch(pattern, address.path)), None)
    if given is None:
        return "content-type"
    expected = {**HEADERS, **given}
    if language := _LANGUAGE.match(address.path):
        expected["content-language"] = language[1]
    found = {name.lower(): value for name, value in headers if name.lower() not in _NOT_COMPARED}
    return min((name for name in {*expected, *found} if expected.get(name) != found.get(name)), default="")


def looks_in_lasting(copy: str) -> bool:
    """Return whether nginx looks for a copy, `<host>/<path>`, among those that last first: for articles and photos."""
    return bool(_LOOKED_FOR_IN_LASTING.match(copy))


def copy_name(path: str) -> str:
    """Return the name of the copy of a page; its end tells nginx of which kind it is."""
    return f"{path}index.html" if path.endswith("/") else path
