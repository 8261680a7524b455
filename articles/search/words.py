"""Words as the index has them: accents folded, endings taken off. Both engines get these, ready made.

Nothing here depends on what a database thinks a letter is, so both find the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

# A longer run of letters is no word; PostgreSQL refuses very long ones.
LONGEST = 64

STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}

# What NFKD does not take apart.
_SPELLED_OUT = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ß": "ss"}
)

# Marks that belong to letters (vowels of Hindi, Thai or Tamil are marks), and signs that stand inside of words:
# soft hyphen and the two joiners.
_MARKS = "".join(c for c in map(chr, range(0x300, 0xFFFF)) if unicodedata.category(c)[0] == "M")
_INSIDE = "\u00ad\u200c\u200d"
# Scripts without spaces between words: each character stands for itself, and several next to each other for a phrase.
_ALONE = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"  # Hangul
)
_WORD = rf"(?![{_ALONE}])[^\W_](?:(?![{_ALONE}])[^\W_]|[{_MARKS}{_INSIDE}])*|[{_ALONE}]"
# What clings to a word and is none itself: l'été, dell'arte, Zurich's.
_ELISION = r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\w)"
_CLINGING = {
    "ca": _ELISION,
    "en": r"(?<=\w)['’]s\b",
    "fr": _ELISION,
    "it": r"\b(?:l|un|d|c|s|t|m|v|quest|quell|dell|nell|all|dall|sull|coll)['’](?=\w)",
}


# Words that stand in nearly every text and are no other word too, as été (been, summer) and est (is, east) are. The
# index has them, for phrases; a query of more than these leaves them out, else "the harbour" would rank by who says
# "the" in a headline.
_SMALL = {
    "de": (
        "der die das den dem des ein eine einen einem einer eines und oder aber auch als am an auf "
        "aus bei bis für im in ist mit nach sich sie es er ich wir ihr sind um vom von vor wie wird "
        "zu zum zur über unter dass"
    ),
    "en": (
        "a an the and or but of in on at to for from by with as is are was were be been it its that "
        "this these those he she they we you i his her their our do does did has have had would "
        "could"
    ),
    "es": (
        "el la los las un una unos unas y e o u pero de del a al en con por para que se es fue como lo su sus"
    ),
    "fr": (
        "le la les un une des du de au aux et ou mais en dans sur sous par pour avec sans ce cet "
        "cette ces il elle ils elles on nous vous je tu se sa ses leur leurs que qui a ont être ne"
    ),
    "it": (
        "il lo la i gli le un uno una e o ma di del della dei delle a al alla ai in nel nella con "
        "su per da dal che si è sono come"
    ),
    "nl": (
        "de het een en of maar van in op aan te tot voor met bij uit is zijn was dat die dit deze als om er"
    ),
    "pt": (
        "o a os as um uma e ou mas de do da dos das em no na nos nas ao à com por para que se é são foi como"
    ),
}


class Token(NamedTuple):
    """A word of a text as the index has it, and where it stands there."""

    word: str
    start: int
    end: int


def tokens(text: str, language: str) -> Iterator[Token]:
    """Return the words of a text in order: folded, without their endings."""
    for found in _pattern(language).finditer(text):
        if found[1]:
            for word in _normal(found[1][:LONGEST], language):
                yield Token(word, found.start(), found.end())


def indexed(text: str, language: str) -> list[str]:
    """Return the words of a text as the index has them."""
    return [token.word for token in tokens(text, language)]


def fold(text: str) -> str:
    """Return a text without accents and without case: "Zürich" gives "zurich"."""
    text = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_SPELLED_OUT)
    text = "".join(c for c in text if not _is_accent(c) and c not in _INSIDE)
    # Together again: what is left are letters, and Hangul, which NFKD had taken apart.
    return unicodedata.normalize("NFC", text)


def _is_accent(char: str) -> bool:
    # Classes 7 to 9 are no accents: nukta, virama, and the marks of Kana that make another syllable.
    return (kind := unicodedata.combining(char)) == 1 or kind > 9


def is_small(word: str, language: str) -> bool:
    """Return whether a word as it is written says nothing of what a text is about."""
    return fold(word) in _small_words(language.partition("-")[0])


@lru_cache(maxsize=64)
def _small_words(language: str) -> frozenset[str]:
    # By the word and not by its stem: "dans" has that of Dan, "does" that of Doe.
    return frozenset(map(fold, _SMALL.get(language, "").split()))


@lru_cache(maxsize=64)
def _pattern(language: str) -> re.Pattern[str]:
    clinging = _CLINGING.get(language.partition("-")[0])
    return re.compile(f"{clinging}|({_WORD})" if clinging else f"({_WORD})", re.IGNORECASE)


# Texts repeat their words: a stem costs a tenth of a millisecond, a look into this a thousandth of that.
@lru_cache(maxsize=50_000)
def _normal(word: str, language: str) -> tuple[str, ...]:
    """Return a word as the index has it; a sign such as ½ may be two."""
    name = STEMMERS.get(language.partition("-")[0])
    folded = [found[1][:LONGEST] for found in _pattern("").finditer(fold(word))]
    if name is None:
        return tuple(folded)
    # One for each word: a stemmer keeps its state in itself, and threads would share it.
    stem = snowballstemmer.stemmer(name).stemWord
    # Some stemmers answer with accents, or with nothing left.
    return tuple(
        "".join(re.findall(rf"[^\W_{_ALONE}]|[{_MARKS}{_ALONE}]", fold(stem(w)))) or w for w in folded
    )
