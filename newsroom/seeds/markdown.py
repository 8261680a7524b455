"""Bodies written in CommonMark, with tables and with photos of the library."""

import re
from collections.abc import Callable
from html import escape

from markdown_it import MarkdownIt

# HTML passes, for <blockquote lang="de">; the body's field sanitises it like everything else.
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_PHOTO = re.compile(r'^!\[([^\]\n]*)\]\(photo:([^\s)]+)(?: "([^"\n]*)")?\)[ \t]*$', re.MULTILINE)


class PhotoTrouble(Exception):
    """A picture that cannot stand in a body; its text says which and why."""


def to_html(text: str, address_of: Callable[[str], str]) -> str:
    """Return a body. A line `![alt](photo:name "caption")` becomes a figure with that photo.

    `address_of` returns the address of a photo by its name and raises KeyError for one that it does not know.
    Raises PhotoTrouble.
    """

    def figure(found: re.Match[str]) -> str:
        alt, name, caption = found.groups(default="")
        try:
            address = address_of(name)
        except KeyError:
            raise PhotoTrouble(f"names the picture “{name}”, which is nowhere in photos.toml") from None
        return (
            f'<figure class="image"><img src="{escape(address)}" alt="{escape(alt)}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )

    tokens = _MARKDOWN.parse(_PHOTO.sub(figure, text))
    for token in tokens:
        if token.type == "th_open":
            token.attrs = {"scope": "col"}
        for child in token.children or []:
            if child.type == "image":
                raise PhotoTrouble(
                    f'has the picture “{child.content}”: write ![…](photo:name "caption") on a line of its own'
                )
    return _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
