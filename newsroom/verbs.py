"""Verbs: the only way in which state changes.

    with verb("article.publish", by=user, on=article) as act:
        ...                      # lock, check, write rows
        act.purge("article-42")  # the keys of the pages that show what changed

A verb runs in one transaction, writes one row in the log and purges the page keys that it named. A verb that finds
its work already done calls `act.nothing()`: no row, no purge.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from newsroom import pages
from newsroom.models import LogEntry
from newsroom.prepared import insert


class Refused(Exception):
    """A verb that cannot be done now; its text tells the user why and what to do."""


@dataclass
class Act:
    """One run of a verb, as its log row will tell it."""

    on: models.Model | None
    details: dict[str, Any] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    changed: bool = True

    def purge(self, *keys: str) -> None:
        """Name the page keys of what this act changes."""
        self.keys.update(keys)

    def nothing(self) -> None:
        """Say that everything was so already: nothing is logged or purged."""
        self.changed = False


@contextmanager
def verb(name: str, *, by: Any, on: models.Model | None = None, **details: Any) -> Iterator[Act]:
    """Run one change of state as `by` (a user, or None for the system) on one row.

    `details` go into the log: ids, digests and names of states only, no personal data and no text.
    """
    with transaction.atomic():
        act = Act(on, details)
        yield act
        if not act.changed:
            return
        entry = LogEntry(
            verb=name,
            by_id=getattr(by, "pk", None),
            object_type=act.on._meta.label_lower if act.on else "",
            object_id=act.on.pk if act.on else None,
            details=act.details,
        )
        insert(entry)
        pages.purge(act.keys, about=entry.pk)
