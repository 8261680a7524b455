"""Whole addresses, as other sites and programs need them."""

from django.conf import settings
from django.utils.encoding import iri_to_uri


def absolute(path: str) -> str:
    """Return the whole address of a path of ours, from BASE_URL and never from the request."""
    return path if path.startswith(("https://", "http://")) else iri_to_uri(settings.BASE_URL + path)
