"""Bodies as HTML: read them into tokens, get their plain text, find and replace their photos."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html.entities import html5
from typing import NamedTuple
from uuid import UUID

from articles.editor import ARTICLE_HREF, ATTACHMENT_HREF, CARD_CLASS, PHOTO_SRC

# Only their own end tag ends what they hold (HTML Standard, 13.2.5.2 to 13.2.5.4).
RAW_TEXT = frozenset(
    {"iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"}
)

# Text on both sides of these is not one word.
SEPARATING = frozenset(
    {"p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "hr", "figure", "figcaption"}
    | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
)

# Any other "<" is text.
_MARKUP = re.compile(r"<(?=[a-zA-Z/!?])")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\t\n\f\r />]*)")
_SKIPPED = re.compile(r"[\t\n\f\r /]*")
_NAME = re.compile(r"=?[^\t\n\f\r />=]*")
_EQUALS = re.compile(r"[\t\n\f\r ]*=[\t\n\f\r ]*")
_BARE = re.compile(r"[^\t\n\f\r >]*")
_COMMENT_END = re.compile(r"--!?>")
_REFERENCE = re.compile(r"&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[a-zA-Z][a-zA-Z0-9]*;?)(=?)")


class LinkCard(NamedTuple):
    """A link card in a body as its author wrote it."""

    href: str
    title: str  # HTML of the sanitised body, as are the words
    words: str


class Token(NamedTuple):
    """A piece of HTML: text, a start tag or an end tag, and where it stands in the source."""

    kind: str  # "text", "start" or "end"
    value: str  # the text, or the tag's name in lower case
    attributes: Mapping[str, str]
    start: int
    end: int


class Link(NamedTuple):
    """Where a link leads, and what is said behind it."""

    href: str
    after: str = ""  # HTML


@dataclass(frozen=True)
class InlinePhoto:
    """A photo in a body as its author placed it."""

    uid: UUID
    alt: str
    caption: str  # HTML of the sanitised body; empty where the photo's own caption shall stand
    align: str  # "left", "center", "right" or ""


def tokens(source: str) -> Iterator[Token]:
    """Read any string as a browser would (HTML Standard, 13.2.5), in linear time.

    Comments, doctypes and what an unclosed tag swallows are left out.
    """
    at = 0
    while at < len(source):
        found = _MARKUP.search(source, at)
        start = found.start() if found else len(source)
        if start > at:
            yield Token("text", html.unescape(source[at:start]), {}, at, start)
        at = start
        if at == len(source):
            return
        found = _TAG.match(source, at)
        if found:
            attributes, after = _attributes(source, found.end())
            if after < 0:
                return
            name = found[2].lower()
            yield Token("end" if found[1] else "start", name, attributes, at, after)
            at = after
            if name in RAW_TEXT and not found[1]:
                at = _after_raw_text(source, name, at)
        elif source.startswith("<!--", at):
            at = _after_comment(source, at)
        else:
            at = source.find(">", at) + 1 or len(source)


def _attributes(source: str, at: int) -> tuple[dict[str, str], int]:
    """Read a tag's attributes; return them and the place after the tag, -1 where the tag never ends."""
    attributes: dict[str, str] = {}
    while True:
        at = _SKIPPED.match(source, at).end()
        if at == len(source):
            return attributes, -1
        if source[at] == ">":
            return attributes, at + 1
        name = _NAME.match(source, at)
        at = name.end()
        value = ""
        equals = _EQUALS.match(source, at)
        if equals:
            at = equals.end()
            mark = source[at : at + 1]
            if mark in ('"', "'"):
                end = source.find(mark, at + 1)
                if end < 0:
                    return attributes, -1
                value = source[at + 1 : end]
                at = end + 1
            else:
                bare = _BARE.match(source, at)
                value = bare[0]
                at = bare.end()
        attributes.setdefault(name[0].lower(), _unescape_attribute(value))


def _unescape_attribute(value: str) -> str:
    """Resolve references; in an attribute "&copy=1" and "&copyright" are none (HTML Standard, 13.2.5.73)."""
    if "&" not in value:
        return value

    def resolve(found: re.Match[str]) -> str:
        name, equals = found.groups()
        if name[0] == "#" or (name in html5 and (name.endswith(";") or not equals)):
            return html.unescape(f"&{name}") + equals
        return found[0]

    return _REFERENCE.sub(resolve, value)


def _after_raw_text(source: str, name: str, at: int) -> int:
    found = re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE).search(source, at)
    return found.start() if found else len(source)


def _after_comment(source: str, at: int) -> int:
    if source.startswith(("<!-->", "<!--->"), at):
        return source.index(">", at) + 1
    found = _COMMENT_END.search(source, at + 4)
    return found.end() if found else len(source)


def plain_text(body: str) -> str:
    """Return the text of a sanitised body, one line per paragraph, heading, item or cell."""
    return "\n".join(_lines(body))


def first_words(body: str, limit: int = 160) -> str:
    """Return the beginning of a body's text, at most `limit` characters, cut between words."""
    text = ""
    for line in _lines(body):
        text = f"{text} {line}".lstrip()
        if len(text) > limit:
            break
    return shortened(text, limit)


def shortened(text: str, limit: int) -> str:
    """Return a text of one line, cut between words where it has more than `limit` characters."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    space = cut.rfind(" ")
    # A space far back means a script without spaces or one endless word: then cut where we are.
    cut = cut[:space] if space > limit // 2 else cut[:-1]
    return cut.rstrip(" ,;:–—-") + "…"


def photo_uids(body: str) -> list[UUID]:
    """Return the photos in a body by their permanent uid, each once, in reading order."""
    return list(dict.fromkeys(UUID(uid) for uid in PHOTO_SRC.findall(body)))


def hrefs(body: str) -> list[str]:
    """Return where the links of a sanitised body lead, each once, in reading order."""
    if "<a " not in body:
        return []
    found = (token for token in tokens(body) if token.kind == "start" and token.value == "a")
    return list(dict.fromkeys(token.attributes.get("href", "") for token in found))


def article_uids(body: str) -> list[UUID]:
    """Return the articles that a body links, by their permanent uid, each once, in reading order."""
    return _linked(body, ARTICLE_HREF, "/go/")


def attachment_uids(body: str) -> list[UUID]:
    """Return the documents that a body links, by their permanent uid, each once, in reading order."""
    return _linked(body, ATTACHMENT_HREF, "/attachment/")


def _linked(body: str, pattern: re.Pattern[str], mark: str) -> list[UUID]:
    if mark not in body:
        return []
    found = (pattern.fullmatch(href) for href in hrefs(body))
    return list(dict.fromkeys(UUID(match[1]) for match in found if match))


def replace_links(body: str, change: Callable[[str], Link | None]) -> str:
    """Let each link of a sanitised body lead where `change` says of its address; None leaves its text alone."""
    if "<a " not in body:
        return body
    parts = []
    copied = 0
    link: Link | None = None
    for token in tokens(body):
        if token.value != "a" or token.kind == "text":
            continue
        parts.append(body[copied : token.start])
        copied = token.end
        if token.kind == "start":
            link = change(token.attributes.get("href", ""))
            parts.append(f'<a href="{html.escape(link.href)}">' if link else "")
        elif link:
            parts.append(f"</a>{link.after}")
    parts.append(body[copied:])
    return "".join(parts)


def replace_photos(body: str, render: Callable[[InlinePhoto], str]) -> str:
    """Put what `render` returns in the place of each figure with a photo.

    `render` answers for escaping what it returns; "" takes the figure out of the page.
    """
    if "<img" not in body:
        return body
    parts = []
    copied = 0
    figure = photo = None
    caption_start = caption_end = 0
    for token in tokens(body):
        if token.kind == "text":
            continue
        match token.kind, token.value:
            case "start", "figure":
                figure, photo, caption_start, caption_end = token, None, 0, 0
            case "start", "img":
                photo = token
            case "start", "figcaption":
                caption_start = token.end
            case "end", "figcaption":
                caption_end = token.start
            case "end", "figure" if figure and photo:
                found = PHOTO_SRC.fullmatch(photo.attributes.get("src", ""))
                parts.append(body[copied : figure.start])
                copied = token.end
                if found:
                    parts.append(
                        render(
                            InlinePhoto(
                                uid=UUID(found[1]),
                                alt=photo.attributes.get("alt", ""),
                                caption=body[caption_start:caption_end].strip(),
                                align=_align(figure.attributes.get("class", "")),
                            )
                        )
                    )
                figure = photo = None
    parts.append(body[copied:])
    return "".join(parts)


def replace_cards(body: str, render: Callable[[LinkCard], str]) -> str:
    """Put what `render` returns in the place of each link card; one that leads nowhere is taken out.

    `render` answers for escaping what it returns.
    """
    if CARD_CLASS not in body:
        return body
    parts = []
    copied = 0
    figure: Token | None = None
    href, places = "", dict[str, int]()
    for token in tokens(body):
        if token.kind == "text":
            continue
        if token.kind == "start" and token.value == "figure":
            figure = token if token.attributes.get("class") == CARD_CLASS else None
            href, places = "", {}
        elif figure is None:
            continue
        elif token.kind == "end" and token.value == "figure":
            parts.append(body[copied : figure.start])
            copied = token.end
            title, words = (
                body[places.get(f"start {name}", 0) : places.get(f"end {name}", 0)].strip()
                for name in ("a", "figcaption")
            )
            if href:
                parts.append(render(LinkCard(href, title, words)))
            figure = None
        elif token.value == "figcaption" or (token.value == "a" and "start figcaption" not in places):
            places.setdefault(
                f"{token.kind} {token.value}", token.end if token.kind == "start" else token.start
            )
            href = href or token.attributes.get("href", "")
    parts.append(body[copied:])
    return "".join(parts)


def _align(classes: str) -> str:
    return next((name.removeprefix("align-") for name in classes.split() if name.startswith("align-")), "")


def _lines(body: str) -> Iterator[str]:
    line: list[str] = []
    for token in tokens(body):
        if token.kind == "text":
            line.append(token.value)
        elif token.value == "br":
            line.append(" ")
        elif token.value in SEPARATING:
            text = " ".join("".join(line).split())
            if text:
                yield text
            line = []
    text = " ".join("".join(line).split())
    if text:
        yield text
