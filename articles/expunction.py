"""Take a passage out of texts and bodies, whatever stands between its letters. Pure text; no rows.

A passage is typed or pasted as plain text. It is found regardless of how letters with accents are composed, of white
space (a line break and the border of two blocks are some), of soft hyphens and other signs that draw nothing, of the
shape of quotation marks, and of markup. Capitals and small letters are told apart.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import unquote

from django.utils.crypto import salted_hmac

from articles.blocks import Block, StoredBlock, assign_keys, join, split
from articles.fields import sanitise
from articles.html import SEPARATING, plain_text, tokens

MARK = "[…]"
MIN_VISIBLE, MAX_LENGTH = 3, 5_000
# What a replacement brings about anew is taken out again, so many times.
MAX_ROUNDS = 20
# So much of the text stands around a passage where it is shown, before it is taken out.
AROUND = 60

# Signs that draw nothing: soft hyphen, joiners and spaces without width, marks of direction, selectors of a variant.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_QUOTES = str.maketrans(dict.fromkeys("’‘‛ʼ", "'") | dict.fromkeys("“”„‟«»", '"'))


class Excerpt(NamedTuple):
    """Where a passage stands: the text around it, and the passage as it is written there."""

    before: str
    passage: str
    after: str


class _Tag(NamedTuple):
    """A tag between the letters of a body."""

    raw: str
    name: str
    kind: str


class _Folded(NamedTuple):
    """A text as it is compared, and for each of its letters the place that it comes from."""

    text: str
    places: Sequence[int]


def fold(text: str) -> str:
    """Return a text as it is compared with a passage."""
    text = unicodedata.normalize("NFD", _UNSEEN.sub("", text))
    return " ".join(text.translate(_QUOTES).split())


def visible_length(text: str) -> int:
    """Return how many letters and signs of a text somebody sees."""
    return len(unicodedata.normalize("NFC", fold(text)).replace(" ", ""))


class Passage:
    """A passage that is to be taken out, and what is to stand in its place."""

    def __init__(self, text: str, replacement: str = "") -> None:
        self.text = text
        self.mark = replacement or MARK
        self.needle = fold(text)

    @property
    def digest(self) -> str:
        """The HMAC-SHA-256 of the passage under the site's key, its letters composed (NFC), its white space even.

        With a key, for a short passage such as a name would be guessed from a digest without one.
        """
        plain = " ".join(unicodedata.normalize("NFC", self.text).split())
        return salted_hmac(
            "articles.expunction", plain.encode(errors="replace"), algorithm="sha256"
        ).hexdigest()

    def is_in(self, text: str) -> bool:
        """Return whether the passage stands in a plain text."""
        return self.needle in fold(text) and any(True for _found in self._spans(_of_text(text)))

    def is_in_body(self, body: str) -> bool:
        """Return whether the passage stands in a body, in the text of a picture or in the address of a link."""
        # Cheap first: a body has many letters, and most bodies do not hold it.
        if self.needle not in fold(plain_text(body)) and not any(True for _text in self._hidden_in(body)):
            return False
        return self._cut(body) is not None

    def excerpts(self, text: str) -> Iterator[Excerpt]:
        """Yield each place of a plain text at which the passage stands, with some of what is around."""
        if self.needle not in fold(text):
            return
        for start, end in self._spans(_of_text(text)):
            yield Excerpt(text[max(start - AROUND, 0) : start], text[start:end], text[end : end + AROUND])

    def excerpts_of_body(self, body: str) -> Iterator[Excerpt]:
        """Yield each place of a body at which the passage stands."""
        yield from self.excerpts(plain_text(body))
        for hidden in self._hidden_in(body):
            yield from self.excerpts(hidden)

    def taken_from(self, text: str, longest: int | None = None) -> str:
        """Return a plain text without the passage; where the replacement would make it too long, the mark stands."""
        mark = self.mark
        for _round in range(MAX_ROUNDS):
            spans = list(self._spans(_of_text(text)))
            if not spans:
                break
            changed = _spliced(text, spans, mark)
            if longest is not None and len(changed) > longest:
                mark = MARK
                changed = _spliced(text, spans, mark)
            text = changed
        return text

    def taken_from_body(self, body: str) -> str:
        """Return a body without the passage, sanitised; all else is as it was."""
        return self.taken_from_blocks(body, [])[0]

    def taken_from_blocks(self, body: str, stored: Sequence[StoredBlock]) -> tuple[str, list[StoredBlock]]:
        """Return a body without the passage, and its blocks, each with the key that it had; an emptied one is gone."""
        blocks = list(stored)
        for _round in range(MAX_ROUNDS):
            cut = self._cut(body)
            if cut is None:
                break
            kept: list[Block] = []
            keys: list[str] = []
            for place, block in enumerate(split(cut)):
                for part in split(sanitise(block.html)):
                    kept.append(part)
                    # A block that comes to two would be two with one key.
                    known = place < len(blocks) and blocks[place]["key"] not in keys
                    keys.append(blocks[place]["key"] if known else "")
            before, body = body, sanitise(join(kept))
            if len(keys) == len(split(body)) and all(keys):
                blocks = [
                    {"key": key, "kind": block.kind, "digest": block.digest}
                    for key, block in zip(keys, split(body), strict=True)
                ]
            elif blocks:
                blocks = assign_keys(body, blocks, before)
        return body, blocks

    def _cut(self, body: str) -> str | None:
        """Return a body's HTML with the mark in place of the passage, not sanitised; None where it does not stand."""
        units: list[str | _Tag] = []
        changed = False
        for token in tokens(body):
            if token.kind == "text":
                units.extend(token.value)
                continue
            raw = body[token.start : token.end]
            if self.is_in_address(token.attributes.get("alt", "")):
                attributes = {**token.attributes, "alt": self.taken_from(token.attributes["alt"])}
                raw, changed = _start_tag(token.value, attributes), True
            if self.is_in_address(token.attributes.get("href", "")):
                # What leads to it goes; the words of the link stay.
                raw, changed = f"<{token.value}>", True
            units.append(_Tag(raw, token.value, token.kind))
        spans = list(self._spans(_of_units(units)))
        if not (spans or changed):
            return None
        taken = bytearray(len(units))
        marks = {start for start, _end in spans}
        for start, end in spans:
            for at in range(start, end):
                unit = units[at]
                taken[at] = isinstance(unit, str) or unit.name == "br"
        for start, end in _links(units):
            letters = [at for at in range(start, end) if isinstance(units[at], str)]
            if letters and all(taken[at] for at in letters):
                # Nothing of its words is left: where it led might say it, too.
                taken[start] = taken[end] = True
        parts = []
        for at, unit in enumerate(units):
            if at in marks:
                parts.append(escape(self.mark))
            if not taken[at]:
                parts.append(unit.raw if isinstance(unit, _Tag) else escape(unit, quote=False))
        return "".join(parts)

    def _hidden_in(self, body: str) -> Iterator[str]:
        """Yield what no reader sees in a body and holds the passage all the same."""
        for token in tokens(body):
            for name in ("alt", "href"):
                if self.is_in_address(value := token.attributes.get(name, "")):
                    yield unquote(value)

    def is_in_address(self, value: str) -> bool:
        """Return whether the passage stands in an address, as it is or with its signs escaped."""
        return bool(value) and (self.is_in(value) or self.is_in(unquote(value)))

    def _spans(self, folded: _Folded) -> Iterator[tuple[int, int]]:
        """Yield from where to where the passage stands, in the places that the folded text comes from."""
        text, places = folded
        at, length = 0, len(self.needle)
        while self.needle and (at := text.find(self.needle, at)) >= 0:
            end = at + length
            if _is_whole(folded, at, end):
                found = places[at:end]
                yield min(found), max(found) + 1
                at = end
            else:
                at += 1


def _is_whole(folded: _Folded, start: int, end: int) -> bool:
    """Return whether a match ends where letters end: "cafe" does not stand in "café", however that is composed."""
    text, places = folded
    if start and places[start - 1] == places[start]:
        return False
    if end == len(text):
        return True
    following = text[end]
    joins = unicodedata.category(following)[0] == "M" or "\u1160" <= following <= "\u11ff"
    return not joins and places[end] != places[end - 1]


def _of_text(text: str) -> _Folded:
    return _folded((char, place) for place, char in enumerate(text))


def _of_units(units: Iterable[str | _Tag]) -> _Folded:
    """Fold the letters of a body; a line break and the border of a block are white space."""

    def letters() -> Iterator[tuple[str, int]]:
        for place, unit in enumerate(units):
            if isinstance(unit, str):
                yield unit, place
            elif unit.name == "br" or unit.name in SEPARATING:
                yield " ", place

    return _folded(letters())


def _folded(letters: Iterable[tuple[str, int]]) -> _Folded:
    """Fold as `fold` does, and remember where each letter comes from."""
    found: list[tuple[str, int]] = []
    marks: list[tuple[str, int]] = []  # on one letter: their order says nothing
    for char, place in letters:
        if char.isascii():
            pieces = char
        elif _UNSEEN.match(char):
            continue
        else:
            pieces = unicodedata.normalize("NFD", char)
        for piece in pieces:
            if not piece.isascii() and unicodedata.combining(piece):
                marks.append((piece, place))
                continue
            if marks:
                found.extend(sorted(marks, key=lambda mark: unicodedata.combining(mark[0])))
                marks.clear()
            if not piece.isspace():
                found.append((piece.translate(_QUOTES), place))
            elif found and found[-1][0] != " ":
                found.append((" ", place))
    found.extend(sorted(marks, key=lambda mark: unicodedata.combining(mark[0])))
    return _Folded("".join(piece for piece, _place in found), [place for _piece, place in found])


def _links(units: Sequence[str | _Tag]) -> Iterator[tuple[int, int]]:
    """Yield where each link begins and ends."""
    start = -1
    for at, unit in enumerate(units):
        if isinstance(unit, _Tag) and unit.name == "a":
            if unit.kind == "start":
                start = at
            elif start >= 0:
                yield start, at
                start = -1


def _spliced(text: str, spans: Iterable[tuple[int, int]], mark: str) -> str:
    parts, copied = [], 0
    for start, end in spans:
        parts += [text[copied:start], mark]
        copied = end
    return "".join([*parts, text[copied:]])


def _start_tag(name: str, attributes: Mapping[str, str]) -> str:
    written = (f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{''.join(written)}>"
