"""Addresses as other sites and programs need them: of pages in full, of people in one spelling."""

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.encoding import iri_to_uri, punycode
from django.utils.translation import gettext_lazy as _


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


def without_tag(email: str) -> str:
    """Return the mailbox that most mail servers take for an e-mail address: without `+…` before the @."""
    local, at, domain = email.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def mailbox(email: str) -> str:
    """Return the one spelling of an e-mail address, by which it is stored and found; "" for none.

    It is in lower case, the domain as a mail server is told it (IDNA, as Django's mail does it). That it is an address
    at all, validators tell of what is returned. Raises ValidationError for what could be spelled otherwise still:
    `"rosa"@mail.example` and `"r\\osa"@mail.example` are one mailbox, and so may be `rosa@[192.0.2.1]`.
    """
    local, at, domain = email.rpartition("@")
    try:
        if '"' in local or not local.isascii() or domain.startswith("["):
            raise ValueError
        return f"{local}{at}{punycode(domain)}".lower()
    except ValueError as error:
        raise ValidationError(
            _(
                "Write the e-mail like name@example.org: no quotation marks or brackets,"
                " and no letters but a to z before the @."
            ),
            code="spelling",
        ) from error
