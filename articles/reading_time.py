"""How long it takes to read a text."""

import math
import re

from articles.html import plain_text

# Silent reading of non-fiction: 238 words a minute in English (Brysbaert 2019, https://doi.org/10.1016/j.jml.2019.104047),
# about 260 characters where each is a word or a syllable. Other languages lie near enough for whole minutes.
WORDS_A_MINUTE = 238
CHARACTERS_A_MINUTE = 260

_SCRIPTS_WITHOUT_SPACES = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_CHARACTER = re.compile(f"[{_SCRIPTS_WITHOUT_SPACES}]")
_LETTERS = rf"[^\W{_SCRIPTS_WITHOUT_SPACES}]+"
_WORD = re.compile(f"{_LETTERS}(?:['’-]{_LETTERS})*")


def reading_minutes(body: str) -> int:
    """Return how many minutes a sanitised body takes, in whole ones; 0 for an empty one."""
    text = plain_text(body)
    characters, words = len(_CHARACTER.findall(text)), len(_WORD.findall(text))
    return math.ceil(words / WORDS_A_MINUTE + characters / CHARACTERS_A_MINUTE)
