"""The blocks of a body: split it, and know each block again in the next revision.

A revision stores `[{"key", "kind", "digest"}, …]`, one for each block, in the body's order; the HTML of the
block at a place is `split(body)[place].html`. Merge, diff, notes at a passage, translations speak of keys.

Keys are random, not counted: two people who save at the same time, and the two sides of a merge, each make
new blocks without knowing of the other's.
"""

import hashlib
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import TypedDict
from uuid import UUID

from articles.editor import CARD_CLASS
from articles.html import hrefs, photo_uids, plain_text, tokens

# 48 bits: with 10 000 keys in one article's history two are the same once in six million articles.
KEY_BYTES = 6
DIGEST_LENGTH = 16

# How alike two blocks must be to be the same one: where the old one stood, and elsewhere. Two paragraphs on
# one subject share up to 0.4 of their words; the larger half of a split one is 0.67 or more like the whole.
ALIKE_IN_PLACE = 0.45
ALIKE_ELSEWHERE = 0.55
# Old blocks looked at on either side of the place where one is expected.
WINDOW = 3
# A word in more blocks than this says little about which is meant.
COMMON_WORD = 12
# Blocks elsewhere that share the most rare words, compared in full.
CANDIDATES = 5
# Up to this length spelling is compared too: in a heading one mended letter is a large part of its words.
SHORT = 120
# Comparisons by spelling in one body: each costs as much as a hundred by words, and few blocks need one.
MAX_SPELLED = 400

KINDS = {
    "p": "paragraph",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "figure": "figure",
    "blockquote": "quote",
    "ul": "list",
    "ol": "list",
    "table": "table",
    "hr": "rule",
    "pre": "code",
}
# A figure that is no photo.
CARD = "card"

_WORD = re.compile(r"\w+")
# What is longer is a compound or a clause in a script without spaces; its pairs of letters tell more.
_LONG_WORD = 14


class StoredBlock(TypedDict):
    """A block as a revision stores it."""

    key: str
    kind: str
    digest: str


@dataclass(frozen=True)
class Block:
    """One top-level element of a body."""

    kind: str
    html: str

    @cached_property
    def digest(self) -> str:
        """The beginning of the SHA-256 of its HTML."""
        return hashlib.sha256(self.html.encode()).hexdigest()[:DIGEST_LENGTH]

    @cached_property
    def text(self) -> str:
        """Its plain text."""
        return plain_text(self.html)

    @cached_property
    def photos(self) -> list[UUID]:
        """The photos in it."""
        return photo_uids(self.html)

    @cached_property
    def features(self) -> Counter[str]:
        """What likeness is counted in: the words, and the photo."""
        found: Counter[str] = Counter()
        for word in _WORD.findall(self.text.casefold()):
            if len(word) <= _LONG_WORD:
                found[word] += 1
            else:
                found.update(word[at : at + 2] for at in range(len(word) - 1))
        found.update(f"photo:{uid}" for uid in self.photos)
        if self.kind == CARD:
            found.update(f"page:{href}" for href in hrefs(self.html))
        return found


def split(body: str) -> list[Block]:
    """Return the blocks of a sanitised body in order; join(split(body)) == body."""
    blocks = []
    depth = start = 0
    kind = ""
    for token in tokens(body):
        if token.kind == "text":
            continue
        if token.kind == "start" and depth == 0:
            is_card = token.attributes.get("class") == CARD_CLASS
            start, kind = token.start, CARD if is_card else KINDS[token.value]
        if token.value not in ("br", "hr", "img"):
            depth += 1 if token.kind == "start" else -1
        if depth == 0:
            blocks.append(Block(kind, body[start : token.end]))
    return blocks


def join(blocks: Iterable[Block]) -> str:
    """Return the body that consists of these blocks."""
    return "\n".join(block.html for block in blocks)


def assign_keys(body: str, previous: Sequence[StoredBlock], previous_body: str) -> list[StoredBlock]:
    """Name the blocks of a body; those known from the previous revision keep their key.

    A moved block keeps its key, so does a reworded one; of a split paragraph the more alike half keeps it.
    2 000 blocks cost well under a second, whatever they hold.
    """
    new = split(body)
    old = split(previous_body)[: len(previous)]
    matched = match(old, new)
    taken = {stored["key"] for stored in previous}
    named: list[StoredBlock] = []
    for at, block in enumerate(new):
        key = previous[matched[at]]["key"] if at in matched else _new_key(taken)
        named.append({"key": key, "kind": block.kind, "digest": block.digest})
    return named


def match(old: Sequence[Block], new: Sequence[Block]) -> dict[int, int]:
    """Return for each place in `new` that has its like in `old` the place there; each is used once."""
    matched = _identical(old, new)
    free = set(range(len(old))) - set(matched.values())
    pairs = []
    expected = _expected_places(matched, len(new))
    rare = _rare_words(old, free)
    spelled = 0
    for at, block in enumerate(new):
        if at in matched:
            continue
        near = {place for place in range(expected[at] - WINDOW, expected[at] + WINDOW + 1) if place in free}
        for place in near | set(_candidates(block, rare)):
            in_place = place in near
            spelling = (
                in_place and spelled < MAX_SPELLED and max(len(block.text), len(old[place].text)) <= SHORT
            )
            spelled += spelling
            alike = likeness(old[place], block, spelling=spelling)
            if alike >= (ALIKE_IN_PLACE if in_place else ALIKE_ELSEWHERE):
                pairs.append((-alike, abs(place - expected[at]), at, place))
    for _alike, _distance, at, place in sorted(pairs):
        if at not in matched and place in free:
            matched[at] = place
            free.remove(place)
    return matched


def likeness(one: Block, other: Block, *, spelling: bool = False) -> float:
    """Return how alike two blocks are, from 0 to 1: the share of words that both have (Dice).

    A figure is its photo, whatever the caption; a card is the page that it links. With `spelling` short texts are
    compared by letters too.
    """
    total = one.features.total() + other.features.total()
    alike = 2 * (one.features & other.features).total() / total if total else 0.0
    if one.kind == other.kind == "figure":
        return 0.75 + alike / 4 if one.photos == other.photos else 0.0
    if one.kind == other.kind == CARD and hrefs(one.html) == hrefs(other.html):
        return 0.75 + alike / 4
    if spelling and max(len(one.text), len(other.text)) <= SHORT:
        matcher = SequenceMatcher(None, one.text, other.text, autojunk=False)
        # The ratio of letters is 0.4 by chance; what says something begins at 0.6.
        if matcher.real_quick_ratio() > 0.6 and matcher.quick_ratio() > 0.6:
            alike = max(alike, matcher.ratio() * 2.5 - 1.5)
    return alike


def _identical(old: Sequence[Block], new: Sequence[Block]) -> dict[int, int]:
    """Match equal blocks: first those that occur once, then their neighbours, then the rest in order.

    After Heckel, "A technique for isolating differences between files", 1978: linear, and blocks may move.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, block in enumerate(old):
        places[block.digest].append(place)
    times = Counter(block.digest for block in new)
    matched = {
        at: places[block.digest][0]
        for at, block in enumerate(new)
        if times[block.digest] == len(places.get(block.digest, ())) == 1
    }
    used = set(matched.values())
    for step, places_of_new in ((1, range(len(new))), (-1, range(len(new) - 1, -1, -1))):
        for at in places_of_new:
            # Before the first block both bodies agree, and so they do after the last.
            before = matched.get(at - step, -1 if at == 0 and step == 1 else None)
            if at == len(new) - 1 and step == -1:
                before = len(old)
            place = None if before is None else before + step
            if at in matched or place is None or place in used or not 0 <= place < len(old):
                continue
            if old[place].digest == new[at].digest:
                matched[at] = place
                used.add(place)
    left = {digest: [p for p in reversed(found) if p not in used] for digest, found in places.items()}
    for at, block in enumerate(new):
        if at not in matched and left.get(block.digest):
            matched[at] = left[block.digest].pop()
    return matched


def _expected_places(matched: dict[int, int], length: int) -> list[int]:
    """Return where each new block would have stood in the old body, judged by those before it."""
    places = []
    expected = 0
    for at in range(length):
        expected = matched.get(at, expected)
        places.append(expected)
        expected += 1
    return places


def _rare_words(old: Sequence[Block], free: Iterable[int]) -> dict[str, list[int]]:
    index: defaultdict[str, list[int]] = defaultdict(list)
    for place in sorted(free):
        for word in old[place].features:
            index[word].append(place)
    return {word: found for word, found in index.items() if len(found) <= COMMON_WORD}


def _candidates(block: Block, rare: dict[str, list[int]]) -> Iterator[int]:
    shared: Counter[int] = Counter()
    for word, count in block.features.items():
        for place in rare.get(word, ()):
            shared[place] += count
    return (place for place, _count in shared.most_common(CANDIDATES))


def _new_key(taken: set[str]) -> str:
    while (key := secrets.token_hex(KEY_BYTES)) in taken:
        pass
    taken.add(key)
    return key
