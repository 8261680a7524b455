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
_TRAILING = ".,:;!?…*_~)]}»”’"


def plain(value: str) -> str:
    """Return text as it is stored: lines end with \\n, no control characters, at most one empty line at a time."""
    # What is no character in UTF-8 (half of a surrogate pair) would break the database and the page.
    value = value.encode(errors="replace").decode()
    value = _UNWANTED.sub("", _LINE_ENDS.sub("\n", value))
    value = "\n".join(line.rstrip() for line in value.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", value).strip()


def one_line(value: str) -> str:
    """Return text as it is stored where it is one line: a name, a reason."""
    return " ".join(plain(value).split())


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
    """Return a link for an address in escaped text, the sentence's own punctuation behind it."""
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
    return f'<a href="{address[:end]}" rel="nofollow ugc noopener">{address[:end]}</a>{address[end:]}'
