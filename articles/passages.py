"""The passages of a text that colleagues speak of: the headline, the standfirst, each block of the body."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from articles.blocks import split
from articles.html import plain_text

if TYPE_CHECKING:
    from articles.models.revisions import Revision

# What is no block is called so where a block's key would stand: keys are hexadecimal, and neither word is.
HEADLINE, STANDFIRST = "headline", "standfirst"
# How much of a passage is kept beside a remark, for the day on which the passage is gone.
MAX_QUOTE = 300
# Fewer characters stand in many a passage by chance.
LEAST_TO_KNOW = 12


@dataclass(frozen=True)
class Passage:
    """A piece of a text: its key, what it is, and how it reads."""

    key: str
    kind: str
    text: str
    html: str = ""  # of the sanitised body; "" for headline and standfirst

    @property
    def quote(self) -> str:
        """The passage in one line, cut between words where it is long."""
        return quoted(self.text)


def passages(revision: "Revision") -> list[Passage]:
    """Return the passages of a revision in reading order."""
    found = [Passage(HEADLINE, "headline", revision.headline)]
    if revision.standfirst:
        found.append(Passage(STANDFIRST, "standfirst", revision.standfirst))
    for stored, block in zip(revision.blocks, split(revision.body), strict=False):
        found.append(Passage(stored["key"], block.kind, plain_text(block.html), block.html))
    return found


def quoted(text: str) -> str:
    """Return a text in one line of at most MAX_QUOTE characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= MAX_QUOTE:
        return line
    cut = line[: MAX_QUOTE - 1]
    space = cut.rfind(" ")
    # A space far back means a script without spaces or one endless word: then cut where we are.
    return (cut[:space] if space > MAX_QUOTE // 2 else cut).rstrip(" ,;:–—-") + "…"


def place_of(key: str, quote: str, found: Sequence[Passage]) -> str:
    """Return the key of the passage that something said at `key` stands at today, "" if it is gone.

    A block that was put back, or joined to another, has another key: it is known again by its words, where exactly one
    block holds them. Words of a headline are not looked for in the text.
    """
    if any(passage.key == key for passage in found):
        return key
    words = quote.removesuffix("…")
    if key in (HEADLINE, STANDFIRST) or len(words) < LEAST_TO_KNOW:
        return ""
    holding = [passage.key for passage in found if passage.html and words in " ".join(passage.text.split())]
    return holding[0] if len(holding) == 1 else ""
