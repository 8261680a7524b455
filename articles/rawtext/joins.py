"""Words, sentences and headings that a scrape glued together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import Finding, Kind, excerpt
from .letters import CLOSERS, LOWER, UPPER, has_stop, words

# A tail longer than this is a sentence rather than a heading.
HEADING_LIMIT = 120

_CLOSERS = re.escape(CLOSERS)
# A stop, closing quotes, an opening one, and a capital at once.
_JOIN = re.compile(rf"[.!?…][{_CLOSERS}]*[«“„‘(\[]?(?=[{UPPER}])")
_SEAM = re.compile(rf"(?<=[{LOWER}])(?=[{UPPER}][{LOWER}])")
_NEXT_SENTENCE = re.compile(rf"[.!?…]\s+[{UPPER}]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LAST_LETTERS = re.compile(r"[^\W\d_]+\Z")
_YEAR_END = re.compile(rf"(?<!\d)\d{{4}}[{_CLOSERS}%]*\Z")
_ADDRESS = re.compile(r"://|[@#]|\Awww\.|\A[/\\]|\A[a-z]:\\", re.IGNORECASE)

_SPACES = " \u00a0\u202f"

# No word that matters here is longer, and no address; looking further would cost time on texts without spaces.
_LOOK = 40
_LONGEST_ADDRESS = 300

# Abbreviations after which a point stands before a capital, often without a space.
_ABBREVIATED = frozenset(
    words(
        """
        Dr Mr Mrs Ms Mme Mlle St Ste Sta Prof Nr No Co Inc Ltd Corp Bros Jr Sr Gen Col Lt Sgt Capt Rev Hon Gov Sen
        Rep Ing Dipl Mag Hr Fr Str Bd Av Art Abs Kap Vol Fig Abb Hrsg Tel Dott Avv Sra Srta Dra Pres Cie Ph Mio Mrd
        Tsd bzw vgl vs ca geb gest verh ehem sog phil med jur rer nat str bspw evtl ggf inkl resp env проф им ул
        """
    )
)
_EXCLAIMING_NAMES = frozenset({"Yahoo", "Jeopardy"})
# A word of one letter begins a sentence in many languages; other single letters are initials.
_WORDS_OF_ONE_LETTER = frozenset("AÀÁEÉIOÓÔUYZКВСИОУЯ")

# What follows the point of a file's or a site's name. In capitals any of them; as "Com" or "Pdf" only those that
# begin no sentence in a language of ours ("De", "In", "Es" do).
_ENDINGS = frozenset(
    words(
        """
        com org net edu gov int info biz eu de fr uk at ch it es nl be pl pt ru ua us ca br tv io ai me pdf doc docx
        xls xlsx ppt pptx odt txt rtf csv tsv jpg jpeg png gif svg webp tif tiff zip rar tar gz exe apk iso mp3 mp4
        wav avi mov js ts css html htm xml json yml yaml md py php sql
        """
    )
)
_ENDINGS_THAT_ARE_WORDS = frozenset(words("net int info de at it es me ca us ai io tar rar py tv uk be"))

# Names that begin with small letters and have a capital inside, and one unit.
_NAMES = words(
    """
    airBaltic arXiv bioRxiv medRxiv bioMérieux bioMerieux comScore deGrasse dieBasis easyGroup easyHotel easyJet
    easyCar flyDubai goFundMe jetBlue justGiving mmHg netzPolitik openAir openDemocracy openStreet ownCloud nextCloud
    postNL rbbKultur thyssenKrupp tecDax typeScript javaScript voestAlpine wetterOnline youTube linkedIn payPal
    whatsApp tikTok gitHub autoScout immoScout myHeritage myHammer mySpace onlyFans snapChat insideEVs macGregor
    mcDonald
    """
)
# German forms that name women and men in one word: BürgerInnen, jedeR.
_INNER_CAPITAL = re.compile(r"In(?:nen)?(?![^\W\d_])|Innen")


def sentences_glued(line: int, text: str) -> Iterator[Finding]:
    """Find stops with a capital right behind them; linear in the length of the text."""
    for join in _JOIN.finditer(text):
        if _is_join(text, join) and not _in_address(text, join.start(), join.end()):
            yield _join_finding(line, text, join.start(), join.end())


def words_glued(line: int, text: str) -> Iterator[Finding]:
    """Find words in lower case with a capitalised one right behind them; linear in the length of the text.

    A word that begins with a capital may have another inside: McDonald, YouTube and GmbH are no findings.
    """
    for seam in _SEAM.finditer(text):
        at = seam.start()
        before = _LAST_LETTERS.search(text, max(0, at - _LOOK), at)
        first = before.group() if before else ""
        # A single letter makes a brand or a unit (iPhone, eBay, kWh), but for the French preposition.
        if not first.islower() or (len(first) < 2 and first != "à"):
            continue
        after = _LETTERS.match(text, at, at + _LOOK)
        second = after.group() if after else ""
        if not _is_name(text, first, second, at) and not _in_address(text, at, at + len(second)):
            message = "Two words seem to stand together without a space"
            piece = excerpt(text, at - len(first), at + len(second))
            yield Finding(Kind.WORDS_GLUED, line, piece, message, proposal=f"{first} {second}")


def _is_join(text: str, join: re.Match[str]) -> bool:
    """Tell a missing space from an abbreviation, initials, an ordinal, a file's or a site's name."""
    before = text[max(0, join.start() - _LOOK) : join.start()]
    # French sets a space before "»", "!" and "?"; a point behind a space begins a name (".NET").
    if before.endswith(tuple(CLOSERS)) or join.group()[0] != ".":
        before = before.rstrip(CLOSERS + _SPACES)
    if _YEAR_END.search(before):
        return True
    last = _LAST_LETTERS.search(before)
    if not last or len(last.group()) < 2 or last.group() in _ABBREVIATED:
        return False
    if join.group() == "!" and last.group() in _EXCLAIMING_NAMES:
        return False
    if join.group() != ".":
        return True
    found = _LETTERS.match(text, join.end(), join.end() + _LOOK)
    after = found.group() if found else ""
    rest = text[join.end() + len(after) : join.end() + len(after) + _LOOK]
    return not (_is_initial(after, rest) or _is_ending(after, rest))


def _is_initial(after: str, rest: str) -> bool:
    """Tell "Ph.D" and "Franz.J.Strauss" from a sentence that begins with a word of one letter."""
    if len(after) > 1 or rest.startswith(("'", "’")):
        return False
    return rest.startswith(".") or after not in _WORDS_OF_ONE_LETTER


def _is_ending(after: str, rest: str) -> bool:
    name_goes_on = rest and not rest[0].isspace() and rest[0] not in CLOSERS + ".,;:!?…/"
    ending = after.casefold()
    if name_goes_on or ending not in _ENDINGS:
        return False
    return (len(after) > 1 and after.isupper()) or ending not in _ENDINGS_THAT_ARE_WORDS


def _is_name(text: str, first: str, second: str, seam: int) -> bool:
    """Tell a brand, a German double form, a file's name or code from two words without a space."""
    if (first + second).startswith(_NAMES) or _INNER_CAPITAL.match(second):
        return True
    # Two capitals inside one word are a name in a program (getElementById), not a missing space.
    if sum(letter.isupper() for letter in second) > 1:
        return True
    end = seam + len(second)
    ending = _LETTERS.match(text, end + 1, end + 1 + _LOOK) if text.startswith(".", end) else None
    if text[seam - len(first) - 1 : seam - len(first)] == ".":
        return True
    return text.startswith(("(", "_"), end) or bool(ending and ending.group() in _ENDINGS)


def _in_address(text: str, start: int, end: int) -> bool:
    """Tell whether the place is inside a web or mail address, a path, a hashtag or a name with underscores."""
    left = text[max(0, start - _LONGEST_ADDRESS) : start]
    right = text[end : end + _LOOK]
    before = left.split()[-1] if left and not left[-1].isspace() else ""
    after = right.split()[0] if right and not right[0].isspace() else ""
    token = (before + text[start:end] + after).lstrip("([{«“\"'")
    return bool(_ADDRESS.search(token)) or "_" in token


def _join_finding(line: int, text: str, start: int, end: int) -> Finding:
    piece = excerpt(text, start, end)
    # Only a short tail is looked at: copying a long one for each join would make long texts slow.
    tail = text[end:] if len(text) - end <= HEADING_LIMIT else ""
    if tail and not has_stop(tail) and not _NEXT_SENTENCE.search(tail):
        message = "A heading seems to be glued to the end of a sentence; give it a line of its own"
        return Finding(Kind.HEADING_GLUED, line, piece, message, proposal=tail)
    message = "Two sentences stand together without a space"
    left, right = text[max(0, start - _LOOK) : end], text[end : end + _LOOK]
    proposal = excerpt(f"{left} {right}", len(left), len(left) + 1, room=20)
    return Finding(Kind.SENTENCES_GLUED, line, piece, message, proposal=proposal)
