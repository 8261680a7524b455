"""Plain text: how a reader's words are cleaned on the way in and drawn on the way out."""

import re
import unicodedata

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Letters and symbols that draw nothing: the Hangul fillers and the empty Braille pattern.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters but tab and line feed
    # What forces letters into the other direction: no script needs it, and it lets readers see other words than a
    # search finds. Embeddings and isolates stay: Arabic and Hebrew next to Latin do need those.
    "\u202d\u202e"
    "\ufdd0-\ufdef"  # code points that are no characters: XML refuses the first of them in a feed
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
# A link as it stands in escaped text. It ends before an escaped quote or bracket, at white space and at what turns
# the direction of writing, so that nobody reads another address than he opens.
_LINK = re.compile(
    r"\bhttps?://[\w.-]+(?::[0-9]{1,5})?(?:[/?#](?:[^\s&<>\"'\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|&amp;)*)?",
    re.IGNORECASE,
)
# Marks on one letter beyond this number paint over the lines around; the richest Tibetan syllables have as many.
_MARKS = 8
_TRAILING = ".,:;!?…*_~)]}»”’"


def plain(value: str) -> str:
    """Return text as it is stored: lines end with \\n, no control characters, at most one empty line at a time."""
    # What is no character in UTF-8 (half of a surrogate pair) would break the database and the page.
    value = value.encode(errors="replace").decode()
    value = _without_towers(_UNWANTED.sub("", _LINE_ENDS.sub("\n", value)))
    value = "\n".join(line.rstrip() for line in value.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", value).strip()


def one_line(value: str) -> str:
    """Return text as it is stored where it is one line: a name, a reason."""
    return " ".join(plain(value).split())


def _without_towers(value: str) -> str:
    """Return text in which no letter carries more than a few marks; what draws nothing begins no new letter."""
    if value.isascii():
        return value
    kept, marks = [], 0
    for char in value:
        category = "" if char.isascii() else unicodedata.category(char)
        if category in ("Mn", "Me"):
            marks += 1
        elif category != "Cf":
            marks = 0
        if marks <= _MARKS or category == "Cf":
            kept.append(char)
    return "".join(kept)


def is_blank(value: str) -> bool:
    """Return whether a reader would see nothing of this text: it is empty, or all of it is invisible."""
    return all(char in _INVISIBLE or unicodedata.category(char)[0] in "CZM" for char in value)


def as_html(text: str) -> SafeString:
    """Return plain text as paragraphs with links: escaped first, the rest made from escaped text; linear time."""
    paragraphs = re.split(r"\n{2,}", str(escape(text)))
    return mark_safe(  # noqa: S308  (every character of the text went through escape() above)
        "".join(
            f"<p>{_LINK.sub(_link, paragraph).replace(chr(10), '<br>')}</p>"
            for paragraph in paragraphs
            if paragraph
        )
    )


def _link(match: re.Match[str]) -> str:
    """Return a link for an address in escaped text, the sentence's own punctuation behind it.

    `dir` isolates it: whatever stands around, it reads from left to right as it opens.
    """
    address = match[0]
    end = len(address)
    unopened = address.count(")") - address.count("(")
    while address[end - 1] in _TRAILING:
        if address.endswith("&amp;", 0, end):
            end -= len("&amp;")
        elif address[end - 1] == ")" and unopened <= 0:
            break
        else:
            unopened -= address[end - 1] == ")"
            end -= 1
    link = address[:end]
    return f'<a href="{link}" rel="nofollow ugc noopener" dir="ltr">{link}</a>{address[end:]}'
