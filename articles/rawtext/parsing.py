"""Take a raw text apart: headline, standfirst, headings, paragraphs; and find what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice

from . import language as languages
from . import times
from .agencies import agencies
from .counters import is_counter
from .document import Block, Finding, Kind, ParsedText, excerpt
from .joins import HEADING_LIMIT, sentences_glued, words_glued
from .letters import has_stop, is_finished, is_sign_off
from .reading import Line, RawTextError, decode, lines_of

# What an article's own fields hold; a longer first line is a paragraph and no headline.
HEADLINE_LIMIT = 200
STANDFIRST_LIMIT = 1_000

# A heading has few words; Chinese or Japanese, without spaces, is held by the number of characters alone.
HEADING_WORDS = 18

# Enough for a person to see what is the matter; a text with more of one kind is not mended line by line.
MOST_OF_A_KIND = 100

_LIST_ITEM = re.compile(r"(?:[-–—•*·‣▪]\s|\(?\d{1,3}[.)]\s)")
_OPEN_END = tuple(":;,–—-")
# UTF-8 once read as Latin-1 or Windows-1252, and what a decoder puts where it failed.
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf]|â€[\u0080-\u2122]|Ð[\u0080-\u00bf]|\ufffd")
# What is no text and what a body does not hold (articles/tidy.py): controls, byte order marks, stand-ins of objects.
_NOT_KEPT = re.compile("[\u0080-\u009f\ufeff\ufffc\ufffe\uffff]")
_LAST_STOP = re.compile(r"[.!?…][\"'»”’)\]]*\s+(?=\S)")


def parse(data: bytes | str, *, language: str = "", published: bool = False) -> ParsedText:
    """Take a raw text apart, each line a block; linear in its length.

    `language` is the code of a language that is known; without it the language is guessed. `published` says that
    the time of publication is known, and leaves the search for times that hang on it out. Raises RawTextError.
    """
    text = decode(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    lines = lines_of(text)
    if not lines:
        raise RawTextError("there is nothing in it but white space")
    counter = lines.pop() if len(lines) > 1 and is_counter(lines[-1].text) else None
    headline, again, rest = _headline(lines)
    standfirst, blocks = _blocks(headline, rest)
    guess = languages.guess("\n".join(line.text for line in [headline, *rest]))
    told = language or guess.language
    parts = [Line(line.number, unicodedata.normalize("NFC", line.text)) for line in [headline, *rest]]
    findings = [
        _headline_finding(headline, again),
        *_standfirst_findings(standfirst, blocks),
        *_language_findings(language, guess),
        *_counter_findings(counter, blocks),
        *_at_most(_structure_findings(headline, blocks)),
        *_at_most(_in_all(sentences_glued, parts)),
        *_at_most(_in_all(words_glued, parts)),
        *_at_most(_in_all(_broken, parts)),
        *agencies(parts),
    ]
    if not published:
        findings += _undated(parts, told)
    return ParsedText(
        headline=headline.text,
        standfirst=standfirst.text if standfirst else "",
        blocks=tuple(blocks),
        language=told,
        counter=counter.text if counter else "",
        findings=tuple(findings),
    )


def _headline(lines: list[Line]) -> tuple[Line, Line | None, list[Line]]:
    """Split the lines into headline, its repetition and the rest; raises RawTextError where no text is left."""
    headline, *rest = lines
    if len(headline.text) > HEADLINE_LIMIT:
        raise RawTextError(
            f"its first line is too long for a headline ({len(headline.text)} characters, at most {HEADLINE_LIMIT})"
        )
    again = rest.pop(0) if rest and _same(rest[0].text, headline.text) else None
    if not rest:
        raise RawTextError("there is nothing in it but a single line")
    return headline, again, rest


def _same(one: str, other: str) -> bool:
    """Compare two lines as a reader sees them: kinds and amount of white space make no difference."""
    return unicodedata.normalize("NFC", " ".join(one.split())) == unicodedata.normalize(
        "NFC", " ".join(other.split())
    )


def _blocks(headline: Line, lines: list[Line]) -> tuple[Line | None, list[Block]]:
    """Split the rest into standfirst and blocks; a text's only paragraph is its body."""
    kinds = [_kind(line.text) for line in lines]
    # Nothing follows the last line, so that it is no heading, whatever it looks like.
    kinds[-1] = Block.PARAGRAPH
    standfirst = None
    if len(lines) > 1 and kinds[0] == Block.PARAGRAPH and _may_be_standfirst(lines[0].text):
        standfirst = lines[0]
    start = 1 if standfirst else 0
    blocks = [
        Block(kind, line.text, line.number) for kind, line in zip(kinds[start:], lines[start:], strict=True)
    ]
    return standfirst, blocks


def _kind(text: str) -> str:
    """Tell a heading from a paragraph: short, no final stop; a question may be one."""
    is_heading = (
        len(text) <= HEADING_LIMIT
        and len(text.split()) <= HEADING_WORDS
        and any(character.isalpha() for character in text)
        and not has_stop(text)
        and not text.endswith(_OPEN_END)
        and not _LIST_ITEM.match(text)
        and not is_sign_off(text)
        and not re.search(r"[.!?…]\s", text[:-1])
        and "://" not in text
        and not times.published_line(text)
    )
    return Block.HEADING if is_heading else Block.PARAGRAPH


def _may_be_standfirst(text: str) -> bool:
    return (
        len(text) <= STANDFIRST_LIMIT
        and not _LIST_ITEM.match(text)
        and not is_sign_off(text)
        and not times.published_line(text)
    )


def _in_all(find: Callable[[int, str], Iterator[Finding]], parts: list[Line]) -> Iterator[Finding]:
    return (finding for number, line in parts for finding in find(number, line))


def _at_most(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Pass on the first findings, and say of the next one that there are more; the rest is not looked for."""
    yield from islice(findings, MOST_OF_A_KIND)
    if further := next(findings, None):
        message = f"There is more of this kind ({further.kind}) from here on, which is not listed"
        yield Finding(Kind.MORE, further.line, further.excerpt, message)


def _headline_finding(headline: Line, again: Line | None) -> Finding:
    if again:
        message = f"The headline stands again in line {again.number}; it is taken once"
        return Finding(
            Kind.HEADLINE_TWICE, headline.number, headline.text, message, other_lines=(again.number,)
        )
    return Finding(
        Kind.HEADLINE_ONCE, headline.number, headline.text, "The first line is taken as the headline"
    )


def _standfirst_findings(standfirst: Line | None, blocks: list[Block]) -> Iterator[Finding]:
    first = blocks[0]
    if standfirst is None:
        message = (
            "A heading follows the headline; there is no standfirst"
            if first.is_heading
            else "No paragraph could be told to be the standfirst"
        )
        yield Finding(Kind.STANDFIRST_MISSING, first.line, _start(first.text), message)
    elif not first.is_heading:
        message = "The first paragraph is taken as the standfirst; no heading follows that would make it sure"
        yield Finding(Kind.STANDFIRST_GUESSED, standfirst.number, _start(standfirst.text), message)


def _language_findings(given: str, guess: languages.Guess) -> Iterator[Finding]:
    if not guess.language:
        if not given:
            yield Finding(Kind.LANGUAGE, None, "", "The language cannot be told")
        return
    sureness = f"{guess.language}, {guess.probability:.0%} sure"
    if given and not languages.same_language(given, guess.language) and guess.is_sure:
        message = f"The language is given as {given}, but the text looks like another ({sureness})"
        yield Finding(Kind.LANGUAGE, None, "", message, proposal=guess.language)
    elif not given and not guess.is_sure:
        or_else = f"; it may also be {guess.runner_up}" if guess.runner_up else ""
        yield Finding(Kind.LANGUAGE, None, "", f"The language is a guess ({sureness}){or_else}")


def _counter_findings(counter: Line | None, blocks: list[Block]) -> Iterator[Finding]:
    if counter:
        message = "Another site's comment counter is left out; it is no text and no number of ours"
        yield Finding(Kind.COUNTER, counter.number, counter.text, message)
    for block in blocks:
        if is_counter(block.text):
            message = "Another site's comment counter seems to stand inside the text; it is kept"
            yield Finding(Kind.COUNTER, block.line, block.text, message)


def _structure_findings(headline: Line, blocks: list[Block]) -> Iterator[Finding]:
    """Find what is odd about headings and ends of paragraphs."""
    yield from _case_findings("headline", headline.number, headline.text)
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if _same(block.text, headline.text):
            yield Finding(
                Kind.HEADLINE_AGAIN, block.line, block.text, "The headline stands inside the text once more"
            )
        if block.is_heading:
            yield from _case_findings("heading", block.line, block.text)
            if following and following.is_heading:
                message = "No paragraph stands between this heading and the next"
                yield Finding(Kind.HEADING_EMPTY, block.line, block.text, message)
        elif following:
            yield from _unfinished(block)
    yield from _cut_off(blocks[-1])


def _case_findings(what: str, line: int, text: str) -> Iterator[Finding]:
    letters = [character for character in text if character.isalpha()]
    # "NATO" and "UN" are words of their own; two words or one long one in capitals are shouting.
    if text.isupper() and (len(text.split()) > 1 or len(letters) > 6):
        message = f"The {what} is in capitals; write it anew, which names are in it cannot be told"
        yield Finding(Kind.CAPITALS, line, text, message)
    if letters and letters[0].islower() and not _may_begin_small(text):
        at = text.index(letters[0])
        proposal = text[:at] + text[at].upper() + text[at + 1 :]
        yield Finding(Kind.LOWER_CASE, line, text, f"The {what} begins in lower case", proposal=proposal)


def _may_begin_small(text: str) -> bool:
    """Tell names and numbers that stay small at the beginning of a heading: iPhone, eBay, 's-Hertogenbosch, 12 km."""
    first = re.match(r"[^\w'’]*(['’]?\w+)", text)
    word = first.group(1) if first else ""
    return any(character.isdigit() or character.isupper() for character in word) or word[:1] in ("'", "’")


def _unfinished(block: Block) -> Iterator[Finding]:
    """Report a paragraph without a final stop, unless a list, an introduction or a glued heading explains it."""
    text = block.text
    if is_finished(text) or is_sign_off(text) or text.endswith(":") or _LIST_ITEM.match(text):
        return
    if any(
        finding.kind == Kind.HEADING_GLUED
        for finding in sentences_glued(block.line, text[-2 * HEADING_LIMIT :])
    ):
        return
    stops = list(_LAST_STOP.finditer(text, max(0, len(text) - HEADING_LIMIT)))
    tail = text[stops[-1].end() :] if stops else ""
    message = "The paragraph has no final stop" + ("; a heading may hang on its end" if tail else "")
    yield Finding(Kind.UNFINISHED, block.line, _end(text), message, proposal=tail)


def _cut_off(last: Block) -> Iterator[Finding]:
    text = last.text
    if is_sign_off(text) or _LIST_ITEM.match(text):
        return
    if text.rstrip("])").endswith(("…", "...")):
        message = "The text ends with an ellipsis; it may be cut off"
    elif not is_finished(text):
        message = "The text ends without a final stop; it may be cut off"
    else:
        return
    yield Finding(Kind.CUT_OFF, last.line, _end(text), message)


def _broken(line: int, text: str) -> Iterator[Finding]:
    """Find what is left of characters that were lost or read in a wrong encoding before the text came here."""
    for pattern, message in (
        (_MOJIBAKE, "Characters were damaged before the text came here"),
        (_NOT_KEPT, "An invisible character stands here that an article does not keep"),
    ):
        for found in pattern.finditer(text):
            piece = excerpt(text, found.start(), found.end())
            yield Finding(Kind.BROKEN_CHARACTERS, line, piece, message)


def _undated(parts: list[Line], language: str) -> Iterator[Finding]:
    dated = [(number, said) for number, line in parts if (said := times.published_line(line))]
    if dated:
        number, said = dated[0]
        message = "The text seems to say itself when it was published"
        yield Finding(Kind.DATED, number, said, message)
    else:
        message = "The text does not say when it was published"
        if language.partition("-")[0] not in times.LANGUAGES:
            message += "; times that hang on it are not looked for in this language"
        yield Finding(Kind.UNDATED, None, "", message)
    yield from _at_most(_in_all(lambda number, line: times.times(number, line, language), parts))


def _start(text: str) -> str:
    return excerpt(text, 0, min(len(text), 30))


def _end(text: str) -> str:
    return excerpt(text, max(0, len(text) - 30), len(text))
