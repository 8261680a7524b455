"""What foreign frames become in a text: a card with the address that a person would open.

Nothing is ever asked of another site. An address is all that is known, and the words that came with it.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from articles.editor import check_href

# Elements that show another site's page or file inside of ours, each with the attributes that may name it.
FRAMES: dict[str, tuple[str, ...]] = {
    "iframe": ("src", "data-src"),
    "frame": ("src",),
    "embed": ("src",),
    "video": ("src",),
    "audio": ("src",),
    "source": ("src",),
    "object": ("data",),
    "script": ("src",),
}
# Quotations that a script of another site would turn into a frame, by class.
QUOTES = (
    *("twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "bluesky-embed", "mastodon-embed"),
    *("reddit-embed-bq", "text-post-media", "fb-xfbml-parse-ignore"),
)
_QUOTED = ("data-instgrm-permalink", "data-text-post-permalink", "cite")

# Names of frames that say nothing.
_EMPTY_TITLES = frozenset({"youtube video player", "vimeo-player", "vimeo video player", "embed", "iframe"})
MAX_TITLE = 200
MAX_SHORT = 60

_ID = r"([\w-]+)"
# The page on which a player's file is watched, by host (without "www.") and path.
_PLAYERS = tuple(
    (re.compile(host), re.compile(path), page)
    for host, path, page in (
        (
            r"(?:m\.)?youtube(?:-nocookie)?\.com",
            rf"/(?:embed|v|shorts)/{_ID}/?",
            "https://www.youtube.com/watch?v={0}",
        ),
        (r"player\.vimeo\.com", r"/video/(\d+)/?", "https://vimeo.com/{0}"),
        (r"(?:geo\.)?dailymotion\.com", rf"/embed/video/{_ID}/?", "https://www.dailymotion.com/video/{0}"),
        (r"open\.spotify\.com", r"/embed/([\w/-]+)", "https://open.spotify.com/{0}"),
        (r"embed\.podcasts\.apple\.com", r"/(.+)", "https://podcasts.apple.com/{0}"),
        (r"archive\.org", r"/embed/([\w.-]+)/?", "https://archive.org/details/{0}"),
        (
            r"instagram\.com",
            rf"/(p|reel|tv)/{_ID}/embed(?:/captioned)?/?",
            "https://www.instagram.com/{0}/{1}/",
        ),
        (
            r"embed\.bsky\.app",
            rf"/embed/([\w:.-]+)/app\.bsky\.feed\.post/{_ID}",
            "https://bsky.app/profile/{0}/post/{1}",
        ),
        # Free software that stands on many hosts: Mastodon, PeerTube.
        (r".+", r"(/@[\w@.-]+/\d+)/embed/?", "https://{host}{0}"),
        (r".+", rf"/videos/embed/{_ID}/?", "https://{host}/videos/watch/{0}"),
    )
)
# Players that have it in a parameter of their address: host, path, parameter, page.
_ASKING = (
    ("youtube.com", "/embed/videoseries", "list", "https://www.youtube.com/playlist?list={0}"),
    ("youtube-nocookie.com", "/embed/videoseries", "list", "https://www.youtube.com/playlist?list={0}"),
    ("geo.dailymotion.com", "/player.html", "video", "https://www.dailymotion.com/video/{0}"),
    ("player.twitch.tv", "/", "video", "https://www.twitch.tv/videos/{0}"),
    ("player.twitch.tv", "/", "channel", "https://www.twitch.tv/{0}"),
    ("platform.twitter.com", "/embed/Tweet.html", "id", "https://twitter.com/i/status/{0}"),
    ("w.soundcloud.com", "/player/", "url", "{0}"),
    ("w.soundcloud.com", "/player", "url", "{0}"),
    ("facebook.com", "/plugins/video.php", "href", "{0}"),
    ("facebook.com", "/plugins/post.php", "href", "{0}"),
)


def page_of(address: str) -> str | None:
    """Return the page that a frame's address belongs to, the address itself for most; None if it is no other site's."""
    address = address.strip()
    address = check_href(f"https:{address}" if address.startswith("//") else address) or ""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
        asked = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    for known, path, name, page in _ASKING:
        if (host, parts.path) == (known, path) and name in asked:
            return _checked(page.format(asked[name][0])) or address
    for known_host, known_path, page in _PLAYERS:
        if known_host.fullmatch(host) and (found := known_path.fullmatch(parts.path)):
            return _checked(page.format(*found.groups(), host=parts.netloc)) or address
    return address


def _checked(address: str) -> str | None:
    checked = check_href(address)
    return checked if checked and checked.startswith(("https://", "http://")) else None


def card_of(name: str, attributes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return address and title for the card that takes the place of an element; None if there is nothing to link."""
    address = next((attributes[key] for key in FRAMES.get(name, ()) if attributes.get(key)), "")
    if name == "param" and attributes.get("name", "").lower() in ("movie", "src"):
        address = attributes.get("value", "")
    if name == "div" and any(one.startswith("fb-") for one in attributes.get("class", "").split()):
        address = attributes.get("data-href", "")
    page = page_of(address)
    if name == "script":
        # Nothing to read stands at a script's address, but for those that write a text into the page.
        page = address.removesuffix(".js") if page and page.startswith("https://gist.github.com/") else None
    if page is None:
        return None
    title = " ".join(attributes.get("title", "").split())[:MAX_TITLE].rstrip()
    return page, title if title and title.lower() not in _EMPTY_TITLES else shortened(page)


def quoted_by(attributes: Mapping[str, str]) -> str | None:
    """Return the address that an embedded quotation names, "" if it stands in its text; None for any other."""
    if not set(QUOTES).intersection(attributes.get("class", "").split()):
        return None
    return next((page for name in _QUOTED if (page := page_of(attributes.get(name, "")))), "")


def host_of(address: str) -> str:
    """Return the host of an address as people know it, "" for an address of our own."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def shortened(address: str) -> str:
    """Return an address as a title: host and path, not longer than a line."""
    host = host_of(address)
    rest = address.partition("://")[2].partition("/")[2]
    text = f"{host}/{rest}".rstrip("/")
    return text if len(text) <= MAX_SHORT else text[: MAX_SHORT - 1] + "…"
