"""What a reader looks for: words and "phrases", and where."""

import re
from dataclasses import dataclass
from datetime import datetime

from articles.search.words import is_small, tokens

MAX_LENGTH = 200
MAX_TERMS = 10

_QUOTES = re.compile(r"[\"“”„«»‟＂]")
_SPACE = re.compile(r"[\s\0]+")

Term = tuple[str, ...]  # words that stand side by side, mostly one


@dataclass(frozen=True)
class Query:
    """What is looked for: all of these terms, in articles of one language, within these bounds."""

    terms: tuple[Term, ...]
    language: str
    section: int | None = None
    tag: int | None = None
    author: int | None = None
    since: datetime | None = None
    until: datetime | None = None  # not included
    is_cut: bool = False  # there was more than is looked for

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def facts(self) -> list[str]:
        """What an article must be, beside holding the words, as the index has it."""
        bounds = (("section", self.section), ("tag", self.tag), ("author", self.author))
        return [language_fact(self.language), *(fact(kind, pk) for kind, pk in bounds if pk is not None)]


def parse(text: str, language: str, **bounds: int | datetime | None) -> Query:
    """Read what somebody typed: words, and phrases between quotation marks of any kind. Anything goes.

    Words that are written together ("covid-19", or a word of Chinese) are a phrase too. Small words ("the") are left
    out unless there are no others; in phrases they stay. No sign means anything else; a mark that is never closed
    means nothing.
    """
    telling: list[Term] = []
    small: list[Term] = []
    parts = _QUOTES.split(text[:MAX_LENGTH])
    for number, part in enumerate(parts):
        is_phrase = number % 2 == 1 and number < len(parts) - 1
        for piece in [part] if is_phrase else _SPACE.split(part):
            if found := list(tokens(piece, language)):
                alone = len(found) == 1 and is_small(piece[found[0].start : found[0].end], language)
                (small if alone else telling).append(tuple(token.word for token in found))
    terms = list(dict.fromkeys(telling or small))
    # A phrase as long as the query is still few words; their number bounds what the database is asked.
    is_cut = len(text) > MAX_LENGTH or len(terms) > MAX_TERMS
    return Query(tuple(terms[:MAX_TERMS]), language, is_cut=is_cut, **bounds)  # type: ignore[arg-type]


def fact(kind: str, pk: int) -> str:
    """Return what the index says of an article beside its words: "s12" for a section, "t7" for a tag."""
    return f"{kind[0]}{pk}"


def language_fact(language: str) -> str:
    """Return how the index says a language: one word of letters and digits."""
    return "l" + language.replace("-", "x")
