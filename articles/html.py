"""Bodies as HTML: read them into tokens, get their plain text, find and replace their photos."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html.entities import html5
from typing import NamedTuple
from uuid import UUID

from articles.editor import PHOTO_SRC

# Only their own end tag ends what they hold (HTML Standard, 13.2.5.2 to 13.2.5.4).
RAW_TEXT = frozenset(
    {"iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"}
)

# Text on both sides of these is not one word.
_SEPARATING = frozenset(
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


class Token(NamedTuple):
    """A piece of HTML: text, a start tag or an end tag, and where it stands in the source."""

    kind: str  # "text", "start" or "end"
    value: str  # the text, or the tag's name in lower case
    attributes: Mapping[str, str]
    start: int
    end: int


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


def _align(classes: str) -> str:
    return next((name.removeprefix("align-") for name in classes.split() if name.startswith("align-")), "")


def _lines(body: str) -> Iterator[str]:
    line: list[str] = []
    for token in tokens(body):
        if token.kind == "text":
            line.append(token.value)
        elif token.value == "br":
            line.append(" ")
        elif token.value in _SEPARATING:
            text = " ".join("".join(line).split())
            if text:
                yield text
            line = []
    text = " ".join("".join(line).split())
    if text:
        yield text
