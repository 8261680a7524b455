"""Characters and ends of sentences that several checks ask about."""

from __future__ import annotations

import re


def words(text: str) -> tuple[str, ...]:
    """Read a table that is written as words with spaces between them."""
    return tuple(text.split())


def _cased(upper: bool) -> str:
    """List the letters of one case in Latin, Greek, Cyrillic and Armenian, for use inside `[…]`."""
    codes = [*range(0x41, 0x590), *range(0x1E00, 0x2000)]
    letters = [chr(code) for code in codes if chr(code).isalpha()]
    return "".join(letter for letter in letters if (letter.isupper() if upper else letter.islower()))


UPPER = _cased(upper=True)
LOWER = _cased(upper=False)

CLOSERS = "\"'»”’›“‘)]"
_STOPS = ".!…‼⁉。！．｡۔।॥։።"
_QUESTIONS = "?？؟⁇"

# Looked for at the end of a short tail only, so that long lines cost nothing.
_TAIL = 80
_STOP = re.compile(rf"[{re.escape(_STOPS)}][{re.escape(CLOSERS)}\s]*\Z")
_QUESTION = re.compile(rf"[{re.escape(_QUESTIONS)}][{re.escape(CLOSERS)}\s]*\Z")
# "… said the minister. (AFP)": an agency's sign-off after the stop.
_SIGN_OFF = re.compile(r"(?:\A|\s)[(\[][^()\[\]]{1,40}[)\]]\s*\Z")


def has_stop(text: str) -> bool:
    """Tell whether the text ends with a stop other than a question mark, closing quotes left aside."""
    return bool(_STOP.search(text[-_TAIL:]))


def has_question(text: str) -> bool:
    """Tell whether the text ends with a question mark, closing quotes left aside."""
    return bool(_QUESTION.search(text[-_TAIL:]))


def is_finished(text: str) -> bool:
    """Tell whether the text ends like a sentence; an agency's sign-off may follow: "… it said. (dpa)"."""
    without = _SIGN_OFF.sub("", text[-_TAIL:])
    return has_stop(text) or has_question(text) or has_stop(without) or has_question(without)


def is_sign_off(text: str) -> bool:
    """Tell whether the text is nothing but a word in brackets: "(AFP)"."""
    return len(text) <= 42 and bool(_SIGN_OFF.fullmatch(text))
