"""Who is asking, and from where."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the network address of the client, "" if unknown.

    Behind `PROXY_HOPS` proxies of ours it is that many entries from the right of X-Forwarded-For; what stands
    further left was written by the client and is never believed.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXY_HOPS:
        entries = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(entries) >= settings.PROXY_HOPS:
            address = entries[-settings.PROXY_HOPS]
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    # A socket that takes both kinds writes IPv4 as IPv6 (RFC 4291, 2.5.5.2): all of it would look like one network.
    return (getattr(found, "ipv4_mapped", None) or found).compressed


def is_from_our_pages(request: HttpRequest) -> bool:
    """Return whether a form was sent from a page of ours, for forms on stored pages, which can hold no token.

    Browsers say where a request comes from (Fetch Metadata, or at least Origin) and scripts of other sites cannot
    forge it. What says nothing at all is no browser, and carries nobody's cookies (OWASP ASVS 5.0, 3.5.1).
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return True
    return site == "same-origin" or (origin is not None and _origin(origin) == _origin(settings.BASE_URL))


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    """Return scheme, host and port of an address; None if it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
