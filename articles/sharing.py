"""Links by which a reader tells others of an article: plain addresses, no script, no request before a click."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _


class ShareLink(NamedTuple):
    """A service's name and the address that opens it with the article filled in."""

    name: str
    address: str


def share_links(headline: str, address: str) -> list[ShareLink]:
    """Return the links for an article, given its headline and its whole address."""
    both = f"{headline} {address}"
    # mailto knows no "+" for a space (RFC 6068).
    mail = f"mailto:?subject={quote(headline, safe='')}&body={quote(address, safe='')}"
    return [
        ShareLink(_("E-mail"), mail),
        ShareLink("WhatsApp", f"https://wa.me/?{urlencode({'text': both})}"),
        ShareLink("Bluesky", f"https://bsky.app/intent/compose?{urlencode({'text': both})}"),
        ShareLink("Facebook", f"https://www.facebook.com/sharer/sharer.php?{urlencode({'u': address})}"),
    ]
