"""Whole addresses, as other sites and programs need them."""

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri


def absolute(path: str) -> str:
    """Return the whole address of a path of ours, from BASE_URL and never from the request."""
    return path if path.startswith(("https://", "http://")) else iri_to_uri(settings.BASE_URL + path)


def own(address: str) -> tuple[str, str] | None:
    """Return decoded path and fragment of an address of this site, whole or from the slash on; None for any other."""
    try:
        parts, base = urlsplit(address), urlsplit(settings.BASE_URL)
    except ValueError:
        return None
    if parts.netloc.lower() not in ("", base.netloc.lower()) or parts.scheme not in ("", "http", "https"):
        return None
    path = unquote(parts.path)
    return (path, parts.fragment) if path.startswith("/") and not path.startswith("//") else None
