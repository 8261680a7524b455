"""Show where in a text the words stand that somebody looked for."""

from collections.abc import Iterable, Iterator

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
    """Return about thirty words around the first hit in the first of these texts that has one, hits marked.

    Without a hit it is the beginning of the first text that has words.
    """
    fallback = SafeString("")
    for text in texts:
        words = list(tokens(text, query.language))
        hits = _hits(words, query)
        if hits:
            return _around(text, words, hits)
        if words and not fallback:
            fallback = _around(text, words, [])
    return fallback


def _around(text: str, words: list[Token], hits: list[Span]) -> SafeString:
    at = next((n for n, word in enumerate(words) if hits and word.start >= hits[0][0]), 0)
    first = max(0, min(at - BEFORE, len(words) - WORDS))
    last = min(first + WORDS, len(words)) - 1
    start = max(0 if first == 0 else words[first].start, (hits[0][0] if hits else 0) - MAX_LENGTH // 2)
    end = min(len(text) if last == len(words) - 1 else words[last].end, start + MAX_LENGTH)
    shown = _mark(text, hits, start, end)
    return format_html("{}{}{}", "… " if start else "", shown, " …" if end < len(text) else "")


def _hits(words: list[Token], query: Query) -> list[Span]:
    """Return where the terms of a query stand, in order; what overlaps or touches is one."""
    found = sorted(span for term in query.terms for span in _places(words, term))
    hits: list[Span] = []
    for start, end in found:
        if hits and start <= hits[-1][1]:
            hits[-1] = (hits[-1][0], max(end, hits[-1][1]))
        else:
            hits.append((start, end))
    return hits


def _places(words: list[Token], term: tuple[str, ...]) -> Iterator[Span]:
    length = len(term)
    for at, word in enumerate(words):
        if word.word == term[0] and tuple(w.word for w in words[at : at + length]) == term:
            yield word.start, words[at + length - 1].end


def _mark(text: str, hits: list[Span], start: int, end: int) -> SafeString:
    parts = []
    at = start
    for begins, ends in hits:
        if ends <= start or begins >= end:
            continue
        begins, ends = max(begins, start), min(ends, end)
        parts += [escape(text[at:begins]), format_html("<mark>{}</mark>", text[begins:ends])]
        at = ends
    parts.append(escape(text[at:end]))
    return mark_safe("".join(parts))  # noqa: S308
