"""How two texts and two bodies differ: the words, the rows and the blocks that came, went, moved.

Readers (`articles.changes`) and the desk (`articles.admin.comparison`) are shown what is found here.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from articles.blocks import Block, StoredBlock, match, split

if TYPE_CHECKING:
    from articles.models import Revision

# Pieces of a text: words, the spaces between them, single signs; and the coarser ones of a text that has too many.
_PIECES = re.compile(r"\w+|\s+|[^\w\s]")
_COARSE = re.compile(r"\w+\s*|\s+|[^\w\s]\s*")
# Longer texts are not compared word by word, which takes the square of their length: old and new stand whole.
MAX_PIECES = 4_000
# Steps that one text and one page may take. A repetitive text takes the cube of its length: 4 000 pieces, minutes.
TEXT_STEPS = 3_000_000
PAGE_STEPS = 12_000_000

LABELS = {
    "kicker": gettext_lazy("Kicker"),
    "headline": gettext_lazy("Headline"),
    "standfirst": gettext_lazy("Standfirst"),
    "paragraph": gettext_lazy("Paragraph"),
    "heading": gettext_lazy("Heading"),
    "figure": gettext_lazy("Picture"),
    "card": gettext_lazy("Link card"),
    "quote": gettext_lazy("Quotation"),
    "list": gettext_lazy("List"),
    "table": gettext_lazy("Table"),
    "code": gettext_lazy("Preformatted text"),
    "rule": gettext_lazy("Rule"),
}

Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True)
class Piece:
    """A run of text that stayed ("same"), came ("added") or went ("removed")."""

    kind: str
    text: str


@dataclass
class Work:
    """What comparing may still cost, in steps; who compares many texts for one page shares one."""

    left: int = PAGE_STEPS
    # What one text may cost of it, word by word; then once more by coarser pieces.
    each: int = TEXT_STEPS


class _TooMuch(Exception):
    """Comparing would take more steps than are left."""


class _Counted(SequenceMatcher):
    """Compare two sequences and count the steps before they are taken."""

    def __init__(self, before: Sequence[Hashable], after: Sequence[Hashable], work: Work, most: int) -> None:
        super().__init__(None, before, after, autojunk=False)
        self.work, self.most = work, most
        self.steps = [
            0
        ]  # up to each place of `before`: each of its pieces is held against its likes in `after`
        places = self.b2j  # type: ignore[attr-defined]  # part of difflib's interface, not of its stubs
        for piece in before:
            self.steps.append(self.steps[-1] + 1 + len(places.get(piece, ())))

    def find_longest_match(self, alo=0, ahi=None, blo=0, bhi=None):  # type: ignore[no-untyped-def]
        """Find it, if enough steps are left."""
        cost = self.steps[ahi] - self.steps[alo]
        if cost > self.work.left:
            self.work.left = 0  # what comes after is not even tried
        if cost > min(self.work.left, self.most):
            raise _TooMuch
        self.work.left -= cost
        self.most -= cost
        return super().find_longest_match(alo, ahi, blo, bhi)


def opcodes(before: Sequence[Hashable], after: Sequence[Hashable], work: Work) -> list[Opcode] | None:
    """Return how one sequence becomes another, as difflib says it; None where that would take too many steps."""
    if work.left <= 0:
        return None
    try:
        return list(_Counted(before, after, work, work.each).get_opcodes())
    except _TooMuch:
        return None


def between_ends(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Opcode]:
    """Return the same at a cost that grows with the length alone: what stands between equal ends was replaced."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    left = shorter - head
    tail = next((at for at in range(left) if before[-1 - at] != after[-1 - at]), left)
    old, new = len(before), len(after)
    found = [
        ("equal", 0, head, 0, head),
        ("replace", head, old - tail, head, new - tail),
        ("equal", old - tail, old, new - tail, new),
    ]
    return [code for code in found if code[1] < code[2] or code[3] < code[4]]


def word_diff(old: str, new: str, work: Work | None = None) -> list[Piece]:
    """Return the new text with what went and what came marked; the removed before the added at each place."""
    work = work or Work()
    before, after = (
        [found[0] for found in islice(_PIECES.finditer(text), MAX_PIECES + 1)] for text in (old, new)
    )
    if max(len(before), len(after)) > MAX_PIECES:
        return [Piece(kind, text) for kind, text in (("removed", old), ("added", new)) if text]
    codes = opcodes(before, after, work)
    if codes is None:
        # Spaces are half of the pieces and all the same: without them there is little left to compare.
        before, after = _COARSE.findall(old), _COARSE.findall(new)
        codes = opcodes(before, after, work) or between_ends(before, after)
    pieces: list[Piece] = []
    for action, i, j, k, end in codes:
        if action == "equal":
            pieces.append(Piece("same", "".join(before[i:j])))
        else:
            pieces += [
                Piece(kind, "".join(words))
                for kind, words in (("removed", before[i:j]), ("added", after[k:end]))
                if words
            ]
    return _joined(pieces)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Join changes that only white space stands between: a sentence that was rewritten is one change."""
    joined: list[Piece] = []
    at = 0
    while at < len(pieces):
        if pieces[at].kind == "same":
            joined.append(pieces[at])
            at += 1
            continue
        removed, added = "", ""
        while at < len(pieces):
            piece = pieces[at]
            follows = at + 1 < len(pieces) and pieces[at + 1].kind != "same"
            if piece.kind == "same" and not (piece.text.isspace() and follows):
                break
            removed += piece.text if piece.kind != "added" else ""
            added += piece.text if piece.kind != "removed" else ""
            at += 1
        joined += [Piece(kind, text) for kind, text in (("removed", removed), ("added", added)) if text]
    return joined


@dataclass(frozen=True)
class Step:
    """A block on the way from one body to another: as it was and as it is, None where it is not."""

    old: Block | None
    new: Block | None
    moved: str = ""  # "up" or "down" where it stands before or after what it followed or preceded


def known_again(old: "Revision", new: "Revision") -> tuple[list[Block], list[Block], dict[int, int]]:
    """Return the blocks of two revisions, and where each of the new ones stood in the old body.

    The keys say it where both revisions have them; what they leave open (a block that was deleted and brought
    back has another key) is found by its words.
    """
    before, after = split(old.body), split(new.body)
    matched = {}
    if len(old.blocks) == len(before) and len(new.blocks) == len(after):
        matched = matched_by_key(old.blocks, new.blocks)
    taken = set(matched.values())
    old_left = [place for place in range(len(before)) if place not in taken]
    new_left = [at for at in range(len(after)) if at not in matched]
    found = match([before[place] for place in old_left], [after[at] for at in new_left])
    return before, after, matched | {new_left[at]: old_left[place] for at, place in found.items()}


def matched_by_key(old: Sequence[StoredBlock], new: Sequence[StoredBlock]) -> dict[int, int]:
    """Return for each place in `new` whose key stands in `old` the place there."""
    places = {stored["key"]: place for place, stored in enumerate(old)}
    return {at: places[stored["key"]] for at, stored in enumerate(new) if stored["key"] in places}


def fewest_moved(matched: Mapping[int, int]) -> set[int]:
    """Return the fewest places in the new body whose blocks have moved: all others kept their order."""
    order = sorted(matched)
    last: list[int] = []  # the lowest old place with which a run of so many ends
    ends: list[int] = []  # the index in `order` of that end
    before: dict[int, int] = {}
    for index, at in enumerate(order):
        length = bisect_left(last, matched[at])
        if length:
            before[index] = ends[length - 1]
        last[length : length + 1] = [matched[at]]
        ends[length : length + 1] = [index]
    moved = set(order)
    index = ends[-1] if ends else -1
    while index >= 0:
        moved.discard(order[index])
        index = before.get(index, -1)
    return moved


def steps(
    old: Sequence[Block], new: Sequence[Block], matched: Mapping[int, int], moved: Collection[int]
) -> Iterator[Step]:
    """Yield every block of both bodies in the order of the new one; what went stands where it stood."""
    gone = sorted(set(range(len(old))) - set(matched.values()), reverse=True)
    reached = -1  # how far the old body has been read
    for at, block in enumerate(new):
        if at not in matched:
            yield Step(None, block)
            continue
        place = matched[at]
        if at in moved:
            yield Step(old[place], block, "up" if place > reached else "down")
            continue
        while gone and gone[-1] < place:
            yield Step(old[gone.pop()], None)
        yield Step(old[place], block)
        reached = place
    while gone:
        yield Step(old[gone.pop()], None)
