"""What a language's typesetters do and keyboards do not."""

import re

_BEFORE = re.compile(r" (?=[;!?])")
_BEFORE_WIDE = re.compile(r" (?=[:»])|(?<=«) ")


def typeset(text: str, language: str) -> str:
    """Keep French punctuation with its word: its spaces become unbreakable, narrow before ; ! and ?.

    (Lexique des règles typographiques en usage à l'Imprimerie nationale.) Works on plain text and on HTML, whose
    markup has no such spaces. A space that is not there is not added.
    """
    if language.partition("-")[0] != "fr":
        return text
    return _BEFORE_WIDE.sub("\u00a0", _BEFORE.sub("\u202f", text))
