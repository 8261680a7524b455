"""Words and phrases in a text, whatever their case and width; whole words where the script has word boundaries."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import re2

# Marks belong to the letter before them; Python's \w does not know that (Unicode, UAX #29).
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0966-\u0dff"
)
_WORD = re.compile(rf"(?:[^\W_]+|[{_MARKS}]+)+")
# The same for most of what English readers write, five times as fast: every text goes through it that a new comment is
# compared with.
_ASCII_WORD = re.compile("[0-9A-Za-z]+")
# Scripts that write no space between words, or put endings to them (Korean): there a word is looked for in all places.
# Thai, Lao, Tibetan; Burmese; Khmer; Hangul; kana; Chinese characters.
_BOUNDLESS = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
# What draws nothing between two letters, and is put there so that a word is not found (Unicode 15.1,
# DerivedCoreProperties, Default_Ignorable_Code_Point).
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# A phrase of nothing but these and letters is looked for word by word; any other one sign by sign.
_BETWEEN = re.compile(r"[\s'’\-‐‑]*")


def fold(text: str) -> str:
    """Return text for comparing: without case, width and form (NFKC), without what draws nothing."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def words_in(folded: str) -> list[str]:
    """Return the words of a folded text, in order."""
    return (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)


def has_no_boundaries(folded: str) -> bool:
    """Return whether a text is written in a script without spaces between words, as far as its letters tell."""
    if folded.isascii():
        return False
    sample = folded[:500]
    return 2 * len(_BOUNDLESS.findall(sample)) > sum(map(str.isalpha, sample))


class WordList:
    """The words and phrases of a rule, one a line, ready to be looked for in many texts."""

    def __init__(self, text: str) -> None:
        # First word of a phrase -> number of words -> the phrases of so many that begin with it, as they were written.
        # So a text is looked at once for each length, however many phrases begin alike.
        self._phrases: dict[str, dict[int, dict[tuple[str, ...], str]]] = {}
        self._signs: list[tuple[str, str]] = []
        for line in text.splitlines():
            written = " ".join(line.split())
            folded = " ".join(fold(written).split())
            if not folded:
                continue
            words = words_in(folded)
            if words and not _BOUNDLESS.search(folded) and not _BETWEEN.sub("", _WORD.sub("", folded)):
                of_length = self._phrases.setdefault(words[0], {}).setdefault(len(words), {})
                of_length.setdefault(tuple(words), written)
            else:
                self._signs.append((folded, written))
        self._set = _set_of([folded for folded, _written in self._signs])

    def found_in(self, folded: str, words: list[str]) -> list[str]:
        """Return what of the list stands in a text, given folded and as words, each once, as it was written."""
        found: dict[str, None] = {}
        # Nearly every text has none of them, and that is told at once.
        for place, word in enumerate(words if not self._phrases.keys().isdisjoint(words) else ()):
            for length, phrases in self._phrases.get(word, {}).items():
                if written := phrases.get(tuple(words[place : place + length])):
                    found[written] = None
        if self._signs:
            text = " ".join(folded.split())
            for number in sorted(self._set.Match(text) or ()):
                sign, written = self._signs[number]
                if _stands_alone(sign, text):
                    found[written] = None
        return list(found)


@lru_cache(maxsize=256)
def word_list(text: str) -> WordList:
    """Return the words of a rule's text; made once per process and text."""
    return WordList(text)


def _set_of(literals: list[str]) -> re2.Set:
    options = re2.Options()
    options.literal, options.log_errors = True, False
    options.max_mem = 64 << 20
    found = re2.Set.SearchSet(options)
    for literal in literals:
        found.Add(literal)
    if literals:
        found.Compile()
    return found


def _stands_alone(sign: str, text: str) -> bool:
    """Return whether a phrase stands in a text with no letter of its script joined to either end."""
    return any(
        not (_joins(sign[0]) and place and _joins(text[place - 1]))
        and not (_joins(sign[-1]) and place + len(sign) < len(text) and _joins(text[place + len(sign)]))
        for place in _places(sign, text)
    )


def _places(sign: str, text: str) -> Iterator[int]:
    place = text.find(sign)
    while place >= 0:
        yield place
        place = text.find(sign, place + len(sign))


def _joins(letter: str) -> bool:
    return bool(_WORD.match(letter)) and not _BOUNDLESS.match(letter)
