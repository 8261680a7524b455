"""What a raw text is taken apart into."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from html import escape


class Kind(StrEnum):
    """What a finding is about; the value is how the report names it."""

    HEADLINE_TWICE = "headline repeated"
    HEADLINE_ONCE = "headline not repeated"
    HEADLINE_AGAIN = "headline once more"
    STANDFIRST_GUESSED = "standfirst guessed"
    STANDFIRST_MISSING = "no standfirst"
    LANGUAGE = "language"
    COUNTER = "comment counter"
    HEADING_GLUED = "heading glued"
    SENTENCES_GLUED = "sentences glued"
    WORDS_GLUED = "words glued"
    CAPITALS = "capitals"
    LOWER_CASE = "lower case"
    HEADING_EMPTY = "heading without text"
    UNFINISHED = "unfinished paragraph"
    CUT_OFF = "cut-off end"
    BROKEN_CHARACTERS = "broken characters"
    AGENCY = "agency named"
    AGENCY_DESCRIBED = "agency described"
    UNDATED = "undated"
    DATED = "date in the text"
    YEARLESS = "date without a year"
    RELATIVE = "relative time"
    MORE = "more of the same"


@dataclass(frozen=True)
class Finding:
    """Say one thing about the text that a person should look at.

    `line` counts from 1 as an editor counts, None where the whole text is meant; `other_lines` are further places
    of the same thing. `excerpt` is a piece of that line; `proposal` is what might stand there instead, or the
    name of a source to add. Nothing was changed in the text.
    """

    kind: Kind
    line: int | None
    excerpt: str
    message: str
    proposal: str = ""
    other_lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Block:
    """Hold one heading or paragraph: one line of the file, white space at its ends left out."""

    kind: str
    text: str
    line: int

    HEADING = "heading"
    PARAGRAPH = "paragraph"

    @property
    def is_heading(self) -> bool:
        """Whether this is a heading and no paragraph."""
        return self.kind == self.HEADING


@dataclass(frozen=True)
class ParsedText:
    """Hold a raw text taken apart, with what was found in it.

    `language` is a lower-case code or empty where it could not be told. `counter` is the other site's comment
    counter as it stood at the end ("Kommentare (0)"), which is no part of the text; empty where there was none.
    """

    headline: str
    standfirst: str
    blocks: tuple[Block, ...]
    language: str
    counter: str
    findings: tuple[Finding, ...]

    @property
    def digest(self) -> str:
        """Tell this text from any other (SHA-256, hex); line ends, BOM, encoding and counter make no difference."""
        lines = [self.headline, self.standfirst, *(block.text for block in self.blocks)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def found(self, *kinds: Kind) -> list[Finding]:
        """List the findings of these kinds, in the order of the text."""
        return [finding for finding in self.findings if finding.kind in kinds]


def body_html(parsed: ParsedText) -> str:
    """Make the HTML of an article's body: `<h2>` and `<p>`, one to a line, the text escaped."""
    names = {Block.HEADING: "h2", Block.PARAGRAPH: "p"}
    return "\n".join(
        f"<{names[block.kind]}>{escape(block.text, quote=False)}</{names[block.kind]}>"
        for block in parsed.blocks
    )


def excerpt(text: str, start: int, end: int, room: int = 30) -> str:
    """Cut the piece from start to end out of a line with some words around it, "…" where it goes on."""
    left = max(0, start - room)
    right = min(len(text), end + room)
    # Cut between words where one ends near enough; a text without spaces is cut anywhere.
    if left:
        space = text.find(" ", left, start)
        left = space + 1 if space != -1 else left
    if right < len(text):
        space = text.rfind(" ", end, right)
        right = space if space != -1 else right
    piece = text[left:right]
    # A match of unbounded length would print whole paragraphs.
    if len(piece) > 160:
        piece = piece[:79] + " … " + piece[-79:]
    return ("…" if left else "") + piece + ("…" if right < len(text) else "")
