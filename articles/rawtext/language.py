"""Tell the language of a text, and how sure that is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from .letters import words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Languages in which news is published widely. The model knows 140; the rest (Latin, Esperanto, Walloon, …) would
# only draw votes from their neighbours. "zxx" is the model's word for what is no language at all.
LANGUAGES = words(
    """
    ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka kk ko lt lv mk ms nl
    no pl pt ro ru sk sl sq sr sv sw ta th tr uk ur vi zh zxx
    """
)
_NO_LANGUAGE = "zxx"

# The model's probabilities are calibrated; below this the guess is told as one.
SURE = 0.9
# Enough for certainty, and a long text costs no more than a short one.
_SAMPLE = 20_000


class Guess(NamedTuple):
    """The most probable language, its probability, and the next one; empty codes where there is no telling."""

    language: str
    probability: float
    runner_up: str

    @property
    def is_sure(self) -> bool:
        """Whether there is a language and hardly a doubt about it."""
        return bool(self.language) and self.probability >= SURE


def guess(text: str) -> Guess:
    """Guess the language of a text; the first call loads the model (a second, 60 MB)."""
    sample = text[:_SAMPLE]
    if not any(character.isalpha() for character in sample):
        return Guess("", 0.0, "")
    (first, probability), (second, _), *_rest = _identifier().rank(sample)
    if first == _NO_LANGUAGE:
        return Guess("", 0.0, "")
    return Guess(first, probability, "" if second == _NO_LANGUAGE else second)


def same_language(one: str, other: str) -> bool:
    """Tell whether two codes are the same language, regions aside; "nb" and "nn" are "no"."""
    return _primary(one) == _primary(other)


def _primary(code: str) -> str:
    primary = code.partition("-")[0]
    return "no" if primary in ("nb", "nn") else primary


@cache
def _identifier() -> LanguageIdentifier:
    # Imported here because numpy and the model are needed by the import of texts and by nothing else.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
