"""Slugs: the readable last part of an address."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 100
# First segments behind the language that belong to addresses of ours.
RESERVED = frozenset(
    [
        "admin",
        "archive",
        "author",
        "comments",
        "corrections",
        "discussed",
        "feed",
        "media",
        "page",
        "preview",
        "report",
        "search",
        "series",
        "static",
        "tag",
    ]
)
_SPELLED_OUT = {
    "de": str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}),
    "": str.maketrans(
        {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    ),
}


def slug_for(text: str, language: str) -> str:
    """Return the slug of a text: Latin letters without accents, other scripts as they are; "" if nothing is left.

    German umlauts are spelt out ("Züge" gives "zuege"), other accents dropped; long ones end at a whole word.
    """
    text = text[: 4 * MAX_LENGTH].translate(_SPELLED_OUT.get(language, {})).translate(_SPELLED_OUT[""])
    text = re.sub(r"['’‘`´]", " ", text)
    latin = slugify(text)
    letters = sum(char.isalpha() for char in text)
    # slugify drops what has no Latin base letter: keep the script where that would be most of the text.
    slug = latin if sum(c.isalpha() for c in latin) * 2 >= letters else slugify(text, allow_unicode=True)
    slug = unicodedata.normalize("NFC", slug)
    if len(slug) > MAX_LENGTH:
        slug = slug[: MAX_LENGTH + 1].rpartition("-")[0] or slug[:MAX_LENGTH]
    return slug.strip("-_")


def validate_segment(slug: str) -> None:
    """Refuse a slug that an address of ours already means: reserved words and four digits (a year)."""
    if slug in RESERVED or re.fullmatch(r"[0-9]{4}", slug):
        raise ValidationError(
            _("“%(slug)s” is reserved for addresses of the site. Choose another word."), params={"slug": slug}
        )
