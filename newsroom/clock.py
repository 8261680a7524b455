"""What time it is: the same for everything on a page that is being made."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_instant: ContextVar[datetime | None] = ContextVar("instant", default=None)


def now() -> datetime:
    """Return the present time, or the one at which it stands while a page is made."""
    return _instant.get() or timezone.now()


@contextmanager
def standing() -> Iterator[datetime]:
    """Let the time stand inside the block, and yield it.

    Else what falls due between two queries of a page would be missing on it, and not announced as to come either.
    """
    token = _instant.set(timezone.now())
    try:
        yield now()
    finally:
        _instant.reset(token)
