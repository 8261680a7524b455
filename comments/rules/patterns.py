"""Regular expressions of rules: RE2, which takes time linear in the text whatever the pattern is.

Upper and lower case are the same unless a pattern says otherwise, `(?-i)`. The syntax:
https://github.com/google/re2/wiki/Syntax
"""

from functools import lru_cache
from typing import Any

import re2
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_PATTERN = 2000
# Instructions of the compiled pattern: searching costs at most so many steps per character.
MAX_PROGRAM = 2000
# Of what was found as much is told.
MAX_FOUND = 80


@lru_cache(maxsize=256)
def compiled(text: str) -> Any:
    """Return a compiled pattern. Raises ValidationError, a sentence for people, for what is none or too much."""
    if len(text) > MAX_PATTERN:
        raise ValidationError(
            _(
                "This pattern has %(length)s characters, and %(most)s are the most. Many words make a rule of the "
                "kind “words”."
            ),
            params={"length": len(text), "most": MAX_PATTERN},
        )
    options = re2.Options()
    options.case_sensitive, options.log_errors = False, False
    options.max_mem = 4 << 20
    try:
        pattern = re2.compile(text, options)
    except (re2.error, UnicodeEncodeError) as error:
        if "too large" in _why(error):
            raise _costly() from error
        raise ValidationError(
            _(
                "This is no pattern that can be used: %(why)s. A sign that has a meaning of its own is written with "
                "a backslash before it; what looks back or ahead is not known here."
            ),
            params={"why": _why(error)},
        ) from error
    if pattern.programsize > MAX_PROGRAM:
        raise _costly()
    return pattern


def find(text: str, pattern: str) -> str | None:
    """Return what a pattern finds first in a text, shortened; None if it finds nothing, or is no pattern any more."""
    try:
        match = compiled(pattern).search(text)
    except ValidationError:
        # Only by hand into the database; the form refuses it.
        return None
    return match[0][:MAX_FOUND] if match else None


def _costly() -> ValidationError:
    return ValidationError(
        _(
            "This pattern would cost too much at each comment: make its repetitions smaller, or make two of it."
        )
    )


def _why(error: Exception) -> str:
    why = error.args[0] if error.args else ""
    return why.decode(errors="replace") if isinstance(why, bytes) else str(why)
