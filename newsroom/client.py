"""Who is asking."""

from ipaddress import ip_address

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
        return ip_address(address).compressed
    except ValueError:
        return ""
