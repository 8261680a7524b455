"""What a reader looks for: words and "phrases", and where."""

import re
from dataclasses import dataclass
from datetime import datetime

from articles.search.words import indexed

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

    Words that are written together ("covid-19", or a word of Chinese) are a phrase too. No sign means anything
    else; a mark that is never closed means nothing.
    """
    terms: list[Term] = []
    parts = _QUOTES.split(text[:MAX_LENGTH])
    for number, part in enumerate(parts):
        is_phrase = number % 2 == 1 and number < len(parts) - 1
        for piece in [part] if is_phrase else _SPACE.split(part):
            if term := tuple(indexed(piece, language)):
                terms.append(term)
    terms = list(dict.fromkeys(terms))
    # A phrase as long as the query is still few words; their number bounds what the database is asked.
    is_cut = len(text) > MAX_LENGTH or len(terms) > MAX_TERMS
    return Query(tuple(terms[:MAX_TERMS]), language, is_cut=is_cut, **bounds)  # type: ignore[arg-type]


def fact(kind: str, pk: int) -> str:
    """Return what the index says of an article beside its words: "s12" for a section, "t7" for a tag."""
    return f"{kind[0]}{pk}"


def language_fact(language: str) -> str:
    """Return how the index says a language: one word of letters and digits."""
    return "l" + language.replace("-", "x")
