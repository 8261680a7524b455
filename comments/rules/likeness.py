"""Whether two texts say the same in nearly the same words: shingles, and a sketch of them to find each other by.

A text is the set of its word bigrams, or of its runs of letters where words are few or the script knows none. Two
texts are alike if they share enough of both sets (Jaccard). The sketch of a text is the smallest of its shingles by
each of four orders (min-wise hashing, Broder 1997): two texts that are 60 % alike share one with 97 %.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from struct import Struct

from django.conf import settings

from comments.rules.words import fold, has_no_boundaries, words_in

# A shorter text is no copy of another: people thank and agree in the same words.
LEAST_LETTERS = 25
# How much of both texts is shared by what is nearly the same.
ALIKE = 0.6
# As much of a text is compared: the cost has a bound whatever is sent.
COMPARED = 3000
MAX_WORDS = 300
MAX_LETTERS = 900
VALUES = 4
_PARTS = Struct(f">{VALUES}q")
_FEW_WORDS = 6
_RUN = 3


@dataclass(frozen=True)
class Likeness:
    """What of a text is compared with others."""

    # The words without case, spaces and punctuation: the same for what only looks different.
    essence: str
    shingles: frozenset[str]

    def share(self, other: "Likeness") -> float:
        """Return how much of both is the same, from 0 to 1 (Jaccard)."""
        both = len(self.shingles & other.shingles)
        return both / (len(self.shingles) + len(other.shingles) - both) if both else 0.0


@lru_cache(maxsize=500)
def likeness_of(text: str) -> Likeness | None:
    """Return what of a text is compared, no more than its beginning; None if it is too short to be a copy.

    What was asked lately is kept: of a flood each new comment is compared with the same few. One sign may become
    eighteen letters by folding (U+FDFA), so it is cut once more.
    """
    folded = fold(text[:COMPARED])[:COMPARED]
    return likeness(folded, words_in(folded))


def likeness(folded: str, words: list[str]) -> Likeness | None:
    """Return what of a text, given folded and as words, is compared; None if it is too short to be a copy."""
    essence = "".join(words)
    if len(essence) < LEAST_LETTERS and not (has_no_boundaries(folded) and 2 * len(essence) >= LEAST_LETTERS):
        return None
    if len(words) < _FEW_WORDS or has_no_boundaries(folded):
        letters = essence[:MAX_LETTERS]
        shingles = frozenset(letters[place : place + _RUN] for place in range(len(letters) - _RUN + 1))
    else:
        words = words[:MAX_WORDS]
        shingles = frozenset(map(" ".join, pairwise(words)))
    return Likeness(essence, shingles)


def sketch(shingles: frozenset[str]) -> list[int]:
    """Return the values by which texts with these shingles are found, of 64 bits each.

    Keyed, so that nobody can write texts that are found by all others, and nobody reads words out of it.
    """
    key = settings.SECRET_KEY.encode()[:64]
    digests = (blake2b(shingle.encode(), digest_size=8 * VALUES, key=key).digest() for shingle in shingles)
    # As numbers of the database's own size; each order takes its part of the digest.
    return [min(values) for values in zip(*map(_PARTS.unpack, digests), strict=True)]
