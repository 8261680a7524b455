"""Times in a text that mean nothing without the day of publication: "last week", "on Wednesday", "11 July"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from textwrap import dedent

from .document import Finding, Kind, excerpt
from .timewords import WORDS

_YEAR = r"(?:19|20)\d\d(?!\w)"

LANGUAGES = tuple(WORDS)

_WORD = re.compile(r"\w+")
# The longest expression of time and the year that may complete it lie within so many characters of a core word.
_WIDEST = 60

# "Published on 11 July 2025", on a line of its own or at a line's beginning.
_PUBLISHED = re.compile(
    r"(?:publié|mis\s+(?:à\s+jour|en\s+ligne)|published|updated|posted|veröffentlicht|aktualisiert|stand|publicado|"
    r"actualizado|atualizado|pubblicato|aggiornato|gepubliceerd|bijgewerkt|opublikowano|aktualizacja|опубликовано|"
    r"обновлено)"
    rf"\b[^.!?\n]{{0,40}}?(?:\b{_YEAR}|\b\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}})",
    re.IGNORECASE,
)


def published_line(text: str) -> str:
    """Return the piece of a line that begins by saying when the text was published, empty where it says nothing."""
    found = _PUBLISHED.match(text)
    return found.group() if found else ""


def times(line: int, text: str, language: str) -> Iterator[Finding]:
    """Find dates without a year and words that count from today, in the languages of `LANGUAGES`."""
    patterns = _patterns(language.partition("-")[0])
    if not patterns:
        return
    for found in _matches(text, *patterns):
        said = " ".join(found.group().split())
        if found.lastgroup == "yearless":
            kind, message = Kind.YEARLESS, f"“{said}” names no year"
        else:
            kind, message = Kind.RELATIVE, f"“{said}” counts from a day that the text does not name"
        yield Finding(kind, line, excerpt(text, found.start(), found.end()), message)


def _matches(text: str, core: re.Pattern[str], pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Match around core words only: the whole pattern at every word would take seconds on a long text."""
    is_core: dict[str, bool] = {}
    start = end = 0
    for word in _WORD.finditer(text):
        name = word.group()
        if name not in is_core:
            is_core[name] = bool(core.fullmatch(name))
        if not is_core[name]:
            continue
        if word.start() - _WIDEST > end:
            yield from pattern.finditer(text, start, end)
            start = max(0, word.start() - _WIDEST)
        end = word.end() + _WIDEST
    yield from pattern.finditer(text, start, end)


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """Return the patterns of core words and of times in a language, None where there are none."""
    if language not in WORDS:
        return None
    words = WORDS[language]
    names = {name: _pattern(text) for name, text in words.names.items()}
    core, link, yearless, relative = (_expand(_pattern(text), names) for text in words[1:])
    # Nothing but days, months and small words may stand between a date and the year that completes it.
    between = _expand(rf"(?:(?:{link}|<month>|<weekday>)(?!\w)|<day>|[-–])", names)
    whole = (
        rf"(?<!\w)(?=\w)(?:(?P<yearless>{yearless})|(?P<relative>{relative}))(?!\w)"
        rf"(?!(?:,?\s*{between}){{0,6}},?\s*{_YEAR})"
    )
    return re.compile(core, re.IGNORECASE), re.compile(whole, re.IGNORECASE)


def _pattern(text: str) -> str:
    """Read a pattern of `timewords`."""
    alternatives: list[str] = []
    for line in dedent(text).strip().split("\n"):
        if line.startswith(" "):
            alternatives[-1] += line.strip()
        else:
            alternatives.append(line)
    return re.sub(r"\((?!\?)", "(?:", "|".join(alternatives).replace(" ", r"\s+"))


def _expand(source: str, names: Mapping[str, str]) -> str:
    """Put the names' patterns in place of the names, which may themselves hold names."""
    expanded = re.sub(r"<([a-z_]+)>", lambda name: f"(?:{names[name[1]]})", source)
    return expanded if expanded == source else _expand(expanded, names)
