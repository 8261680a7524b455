"""The language that a comment is written in, told by the letters that it is made of."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from newsroom.dates import script_of

# Letters that are looked at; more tell nothing new.
_SAMPLE = 1_000
# The scripts of Unicode's names of letters (UAX 24) that a writing system (ISO 15924) is made of.
_SCRIPTS = {
    "Arab": ("ARABIC",),
    "Armn": ("ARMENIAN",),
    "Beng": ("BENGALI",),
    "Cyrl": ("CYRILLIC",),
    "Deva": ("DEVANAGARI",),
    "Ethi": ("ETHIOPIC",),
    "Geor": ("GEORGIAN",),
    "Grek": ("GREEK",),
    "Gujr": ("GUJARATI",),
    "Guru": ("GURMUKHI",),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Hebr": ("HEBREW",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Khmr": ("KHMER",),
    "Knda": ("KANNADA",),
    "Kore": ("HANGUL", "CJK"),
    "Laoo": ("LAO",),
    "Latn": ("LATIN",),
    "Mlym": ("MALAYALAM",),
    "Mymr": ("MYANMAR",),
    "Sinh": ("SINHALA",),
    "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
    "Thaa": ("THAANA",),
    "Thai": ("THAI",),
    "Tibt": ("TIBETAN",),
}


def guess(text: str, expected: str, languages: Sequence[str]) -> str:
    """Return which of a site's languages a text is written in: the one whose script most of its letters belong to.

    Of several with one script it is the `expected` one, the article's, else the first. Words are not looked at: a
    model that tells German from French takes a second and 80 MB to load in every process, and is unsure of a
    sentence; the writer can say it better himself.
    """
    letters = Counter(_script(char) for char in text[:_SAMPLE] if char.isalpha())

    def fit(language: str) -> tuple[int, bool, int]:
        scripts = _SCRIPTS.get(script_of(language), ())
        # Of Chinese and Japanese, for signs that both have, the one that needs fewer scripts.
        return sum(letters[script] for script in scripts), language == expected, -len(scripts)

    best = max(dict.fromkeys([expected, *languages]), key=fit)
    return best if fit(best)[0] else expected


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    """Return the first word of a letter's name, its script: "CYRILLIC"; "" for a letter without a name."""
    return unicodedata.name(char, "").partition(" ")[0]
