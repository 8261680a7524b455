"""Show where in a text the words stand that somebody looked for."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from articles.search.query import Query
from articles.search.words import Token, tokens

WORDS = 30
# How many of them stand before the first hit.
BEFORE = 10
# Scripts without spaces have many "words", and a text may be one endless line.
MAX_LENGTH = 300

Span = tuple[int, int]


def marked(text: str, query: Query) -> SafeString:
    """Return a text with what was looked for in mark elements, everything else escaped."""
    return _mark(text, _hits(list(tokens(text, query.language)), query), 0, len(text))


def snippet(texts: Iterable[str], query: Query) -> SafeString:
    """Return about thirty words of one of these texts, hits marked: where most of the terms stand together.

    The first such place wins; without any hit it is the beginning of the first text that has words.
    """
    best, most = SafeString(""), -1
    for text in texts:
        words = list(tokens(text, query.language))
        if not words:
            continue
        hits = _hits(words, query)
        at, terms = _densest(hits)
        if terms > most:
            best, most = _around(text, words, hits, at), terms
    return best


class Hit(NamedTuple):
    """A place where a term stands: characters, number of its first word, number of the term."""

    start: int
    end: int
    word: int
    term: int


def _hits(words: list[Token], query: Query) -> list[Hit]:
    """Return where the terms of a query stand, in order."""
    found = []
    for number, term in enumerate(query.terms):
        for at, word in enumerate(words):
            if word.word == term[0] and tuple(w.word for w in words[at : at + len(term)]) == term:
                found.append(Hit(word.start, words[at + len(term) - 1].end, at, number))
    return sorted(found)


def _densest(hits: list[Hit]) -> tuple[int, int]:
    """Return the word from which on most terms stand close together, and how many they are."""
    best = (0, 0)
    for n, hit in enumerate(hits):
        near = {other.term for other in hits[n : n + WORDS] if other.word < hit.word + WORDS - BEFORE}
        if len(near) > best[1]:
            best = (hit.word, len(near))
    return best


def _around(text: str, words: list[Token], hits: list[Hit], at: int) -> SafeString:
    first = max(0, min(at - BEFORE, len(words) - WORDS))
    # Very long words: fewer of them, and those that stand nearest.
    while first < at and words[at].start - words[first].start > MAX_LENGTH // 2:
        first += 1
    start = words[first].start if first else 0
    last = min(first + WORDS, len(words)) - 1
    while last > at and words[last].end - start > MAX_LENGTH:
        last -= 1
    end = len(text) if last == len(words) - 1 else words[last].end
    # Signs that are no words have no end either.
    start, end = max(start, words[at].start - MAX_LENGTH), min(end, words[at].end + MAX_LENGTH)
    return format_html(
        "{}{}{}", "… " if start else "", _mark(text, hits, start, end), " …" if end < len(text) else ""
    )


def _mark(text: str, hits: list[Hit], start: int, end: int) -> SafeString:
    parts = []
    at = start
    spans = [
        (max(hit.start, start), min(hit.end, end)) for hit in hits if hit.end > start and hit.start < end
    ]
    for begins, ends in _joined(spans):
        parts += [escape(text[at:begins]), format_html("<mark>{}</mark>", text[begins:ends])]
        at = ends
    parts.append(escape(text[at:end]))
    return mark_safe("".join(parts))  # noqa: S308


def _joined(spans: list[Span]) -> list[Span]:
    """Return spans in order; those that overlap or touch are one."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
