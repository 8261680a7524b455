"""The sheet of today's work that the admin opens on: each app says what waits, the numbers lead to the lists."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import IntegerField, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.module_loading import import_string

# How many lines stand under a number.
LINES = 5
# Numbers go this far: whoever has more to do does not need to know how much, and its list says it.
MOST = 500


@dataclass(frozen=True)
class Line:
    """One of the things that wait: its name in its own language, where to go, and a few words beside it."""

    name: str
    address: str
    language: str = ""
    beside: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Sheet:
    """What waits for somebody: how much, where the list is, and what comes first."""

    title: Any
    address: str
    number: int
    empty: Any  # what stands there when there is nothing
    lines: list[Line] = field(default_factory=list)
    is_urgent: bool = False
    way: tuple[Any, str] | None = None  # another page of the same things: its name and its address

    @property
    def is_bounded(self) -> bool:
        """Return whether there is more than the number says."""
        return self.number > MOST


class Number(Subquery):
    """How many rows a query has, as a column of another."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def number_of(queryset: QuerySet) -> int:
    """Return how many rows there are, one more than `MOST` at most: no count walks through a long table."""
    return queryset.order_by().values("pk")[: MOST + 1].count()


def first(queryset: QuerySet) -> tuple[int, list[Any]]:
    """Return `number_of` the rows and the first few of them, in one query."""
    number = Number(queryset.order_by().values("pk")[: MOST + 1])
    rows = list(queryset.annotate(number_in_all=number)[:LINES])
    return (rows[0].number_in_all if rows else 0), rows


def sheets(request: HttpRequest) -> list[Sheet]:
    """Return what waits for the user of a request, in the order of the setting DESK_SHEETS, what is late first."""
    found: list[Sheet] = []
    for name in settings.DESK_SHEETS:
        of_app: Callable[[HttpRequest], Iterable[Sheet]] = import_string(name)
        found += of_app(request)
    return sorted(found, key=lambda sheet: not sheet.is_urgent)
