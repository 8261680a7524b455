"""Scorers: programs that say of a comment how likely it is unwanted, named by the setting COMMENT_SCORERS.

A scorer is a callable that is given a `comments.judging.Submission` and returns a `Score`. It runs while a comment is
stored, so it answers in a few milliseconds and asks nobody else. One that fails holds nothing: it is logged once, and
`manage.py check` says what cannot be loaded.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

# Of the words that a scorer names as many are told, each shortened.
MAX_WORDS = 10
MAX_WORD = 80


@dataclass(frozen=True)
class Score:
    """How likely a comment is unwanted, 0 to 1, and the words that say so most."""

    value: float
    words: list[str] = field(default_factory=list)


Scorer = Callable[[Any], Score]

_failed: set[str] = set()


def highest(submission: Any) -> Score | None:
    """Return the highest score that a scorer gives, None if none gives any."""
    scores = [score for path in settings.COMMENT_SCORERS if (score := _ask(path, submission))]
    return max(scores, key=lambda score: score.value, default=None)


def _ask(path: str, submission: Any) -> Score | None:
    """Return what a scorer says, None if it fails in any way; the first failure of each is logged."""
    try:
        score = _scorer(path)(submission)
        value = float(score.value)
        if not 0 <= value <= 1:
            raise ValueError(f"a score is from 0 to 1, not {value}")
        return Score(value, [str(word)[:MAX_WORD] for word in list(score.words)[:MAX_WORDS]])
    except Exception:
        # Somebody else's program: whatever it raises, the comment is stored.
        if path not in _failed:
            _failed.add(path)
            logger.exception("The scorer %s failed and holds nothing; this is said once", path)
        return None


@cache
def _scorer(path: str) -> Scorer:
    return import_string(path)


@register()
def check_scorers(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Say which scorers cannot be loaded."""
    errors: list[CheckMessage] = []
    for path in settings.COMMENT_SCORERS:
        try:
            fits = callable(import_string(path))
        except Exception as error:
            # An import may raise anything.
            errors.append(
                Error(
                    f"COMMENT_SCORERS names {path}, which cannot be loaded: {error}",
                    hint="Name functions by their dotted path, separated by commas, or leave it unset.",
                    id="comments.E001",
                )
            )
            continue
        if not fits:
            errors.append(Error(f"COMMENT_SCORERS names {path}, which is no function.", id="comments.E001"))
    return errors
